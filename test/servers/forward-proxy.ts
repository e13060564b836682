import { createServer, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { listening } from "./loopback.ts";

/** A forward proxy on loopback that ends with its test. */
export interface ForwardProxy {
  url: string;
  /** The requests that it received: method and target. */
  requests: string[];
}

/**
 * Starts a forward proxy: it forwards requests in absolute form, and tunnels `CONNECT`. Every host name leads to loopback, so that
 * a test sees whether a name was resolved by the client or by the proxy.
 */
export async function forwardProxy(): Promise<ForwardProxy> {
  const requests: string[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const { port, pathname, search } = new URL(incoming.url!);
    const { method, headers } = incoming;
    const onward = request({ host: "127.0.0.1", port, path: pathname + search, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on("connect", (incoming: IncomingMessage, client: Duplex) => {
    requests.push(`CONNECT ${incoming.url}`);
    const onward: Socket = connect(Number(incoming.url!.split(":").at(-1)), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(onward).pipe(client);
    });
    for (const socket of [client, onward]) socket.on("error", () => (client.destroy(), onward.destroy()));
  });
  return { url: await listening(server), requests };
}
