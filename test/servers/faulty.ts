import { once } from "node:events";
import { createServer, type IncomingMessage, request as send, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with one exchange. */
export type Fault =
  /** The connection breaks before anything arrives at the app. */
  | { kind: "reset" }
  /** The app gets the request; its answer breaks off after so many bytes of the body. */
  | { kind: "cut"; after: number }
  /** The app never sees the request: this is the answer. */
  | { kind: "answer"; status: number; body?: string; headers?: Record<string, string> };

/** A way to an app on which single requests go wrong. */
export interface Faulty {
  url: string;
  /** Requests that came by, as `GET /path`, with their `Range` where they had one. */
  seen: string[];
  stop(): Promise<void>;
}

/**
 * Passes requests on to an app, but for those that a test wants to fail.
 *
 * @param strike - told of each request and how many like it there were before; says what goes wrong with it, if anything.
 */
export async function faulty(
  app: string,
  strike: (request: { line: string; before: number }) => Fault | undefined,
): Promise<Faulty> {
  const counts = new Map<string, number>();
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const line = `${incoming.method} ${incoming.url}`;
    const before = counts.get(line) ?? 0;
    counts.set(line, before + 1);
    seen.push(`${line} ${incoming.headers.range ?? ""}`.trim());
    const fault = strike({ line, before });
    if (fault?.kind === "reset") incoming.socket.destroy();
    else if (fault?.kind === "answer") {
      incoming.resume();
      incoming.on("end", () => outgoing.writeHead(fault.status, fault.headers).end(fault.body ?? ""));
    } else pass(app, incoming, outgoing, fault?.after);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
}

function pass(app: string, incoming: IncomingMessage, outgoing: ServerResponse, after = Infinity): void {
  const { method, headers } = incoming;
  const onward = send(new URL(incoming.url ?? "/", app), { method: method ?? "GET", headers });
  incoming.pipe(onward);
  outgoing.on("close", () => onward.destroy());
  onward.on("error", () => outgoing.destroy());
  onward.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    let left = after;
    answer.on("data", (chunk: Buffer) => {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      outgoing.write(piece, () => {
        if (left <= 0) outgoing.socket?.destroySoon();
      });
      if (left <= 0) answer.removeAllListeners();
    });
    answer.on("end", () => outgoing.end());
    answer.on("error", () => outgoing.destroy());
  });
}
