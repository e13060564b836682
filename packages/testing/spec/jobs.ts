import type { Message } from "./wire.ts";

/** Kinds of the messages that were received. */
export const kinds = (messages: Message[]): string[] => messages.map(({ msg }) => msg);

/** Whether a message carries a value that a generator yielded. */
export const isGenerating = ({ msg }: Message): boolean => msg === "process_generating";

/** Returns a promise and the function that resolves it. */
export function gate(): { open: () => void; passed: Promise<void> } {
  const abort = new AbortController();
  const passed = new Promise<void>((resolve) => {
    abort.signal.addEventListener("abort", () => resolve());
  });
  return { open: () => abort.abort(), passed };
}

/** Counts forever, one step per millisecond. */
export async function* endless(): AsyncGenerator<number> {
  for (let step = 0; ; step += 1) {
    yield step;
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}
