import type { Message } from "./wire.ts";

/** What kinds of messages came. */
export const kinds = (messages: Message[]): string[] => messages.map(({ msg }) => msg);

/** Whether a message carries a value on the way. */
export const isGenerating = ({ msg }: Message): boolean => msg === "process_generating";

/** A promise and what settles it. */
export function gate(): { open: () => void; passed: Promise<void> } {
  const abort = new AbortController();
  const passed = new Promise<void>((resolve) => {
    abort.signal.addEventListener("abort", () => resolve());
  });
  return { open: () => abort.abort(), passed };
}

/** Counts without end; a step takes a moment. */
export async function* endless(): AsyncGenerator<number> {
  for (let step = 0; ; step += 1) {
    yield step;
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
