import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Returns the URL of a server that is closed when its test ends. */
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

/** Starts an HTTP server with a request handler. */
export const app = (answer: (...of: Parameters<RequestListener>) => unknown): Promise<string> =>
  listening(createServer((request, response) => void answer(request, response)));

/** Starts a server that handles each connection when its first bytes were received. */
export const raw = (answer: (socket: Socket) => void): Promise<string> =>
  listening(
    createRawServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => answer(socket));
    }),
  );
