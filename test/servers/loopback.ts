import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** The address of a server that ends with its test. */
export async function listening(server: Server, host = "127.0.0.1"): Promise<string> {
  await once(server.listen(0, host), "listening");
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const { family, port } = server.address() as AddressInfo;
  return family === "IPv6" ? `http://[${host}]:${port}/` : `http://${host}:${port}/`;
}

/** An HTTP server by what it answers. */
export const app = (answer: (...of: Parameters<RequestListener>) => unknown): Promise<string> =>
  listening(createServer((request, response) => void answer(request, response)));

/** A server that does something to each connection, once a request has begun to come. */
export const raw = (answer: (socket: Socket) => void): Promise<string> =>
  listening(
    createRawServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => answer(socket));
    }),
  );
