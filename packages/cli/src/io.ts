import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

/** An output of the program: a terminal, a pipe or a file. */
export type Output = Writable & { isTTY?: boolean; columns?: number; rows?: number };

/** The program's connections to the world. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether an output is a terminal. */
export function isTerminal(output: Output): boolean {
  return output.isTTY === true;
}

/** Whether an output is a terminal whose lines can be drawn again. */
export function isLive(output: Output, { env }: Io): boolean {
  return isTerminal(output) && env["TERM"] !== "dumb";
}

/** Styles a text where the output shows colours: terminals, unless `NO_COLOR` is set; anything with `FORCE_COLOR`. */
export function style(format: Parameters<typeof styleText>[0], text: string, stream: Output): string {
  return styleText(format, text, { stream });
}

/** Writes a text, and waits until the output has taken it. A broken output ends the program elsewhere. */
export function write(output: Output, text: string): Promise<void> {
  if (text === "") return Promise.resolve();
  return new Promise((resolve) => {
    output.write(text, () => resolve());
  });
}

/** Reads all of stdin as UTF-8. */
export async function readAll(input: Readable, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  const stop = (): void => void input.destroy(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of input) chunks.push(Buffer.from(chunk as Uint8Array));
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return Buffer.concat(chunks).toString("utf8");
}
