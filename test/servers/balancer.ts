import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { type AddressInfo, connect } from "node:net";

/** An app with several replicas at one URL. */
export interface Balancer {
  url: string;
  port: number;
  stop(): Promise<void>;
}

/**
 * Distributes requests to replicas in turn and sets a cookie: a client that sends it back stays with one replica. Spaces with
 * several replicas work like this; a call whose join and stream reach two replicas fails.
 */
export async function balance(replicas: readonly string[]): Promise<Balancer> {
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const kept = /(?:^|;\s*)replica=(\d+)/.exec(headers.cookie ?? "")?.[1];
    // Preflight requests carry no cookies and do not count.
    const at = kept === undefined ? (method === "OPTIONS" ? 0 : turn++ % replicas.length) : Number(kept);
    const onward = send(new URL(url ?? "/", replicas[at]), { method: method ?? "GET", headers });
    incoming.pipe(onward);
    outgoing.on("close", () => onward.destroy());
    onward.on("error", () => outgoing.destroy());
    onward.on("response", (answer) => {
      const cookies = [
        ...(answer.headers["set-cookie"] ?? []),
        ...(kept === undefined ? [`replica=${at}; Path=/`] : []),
      ];
      outgoing.writeHead(answer.statusCode ?? 500, { ...answer.headers, "set-cookie": cookies });
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
  });
  // WebSockets are routed by the same cookie.
  server.on("upgrade", (incoming, socket, head) => {
    const kept = /(?:^|;\s*)replica=(\d+)/.exec(incoming.headers.cookie ?? "")?.[1];
    const replica = new URL(replicas[Number(kept ?? turn++ % replicas.length)]!);
    const onward = connect(Number(replica.port), replica.hostname, () => {
      const lines = incoming.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [end, other] of [[onward, socket] as const, [socket, onward] as const]) {
      end.on("error", () => other.destroy());
      end.on("close", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, port, stop };
}
