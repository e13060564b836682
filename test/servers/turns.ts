import type { IncomingMessage, ServerResponse } from "node:http";

/** Interval of bytes that keep the connection of a file open, in milliseconds. `fetch` of Node ends one that is silent for five minutes. */
const KEEP_OPEN = 20_000;

/**
 * Turns of test files that share apps: of the files with the same name of a turn, one runs at a time. A file has its turn for as long as
 * its connection is open, so that the turn also ends if the process or the page of the file ends.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Answers a request for a turn with `go` when the turn of the file begins. */
  async take(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const closed = new Promise<void>((resolve) => response.on("close", resolve));
    this.#last.set(
      name,
      before.then(() => closed),
    );
    request.resume();
    response.writeHead(200, { "access-control-allow-origin": "*", "cache-control": "no-store" }).write("\n");
    const timer = setInterval(() => response.write("\n"), KEEP_OPEN);
    void closed.then(() => clearInterval(timer));
    await before;
    response.write("go\n");
  }
}
