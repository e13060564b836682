import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { answer } from "./response.ts";

/** Sends a GET whose socket does not keep the program alive; Node's `fetch` knows no such thing. */
export function background(request: Request): Promise<Response> {
  const { signal, headers } = request;
  const url = new URL(request.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { headers: Object.fromEntries(headers), signal, agent: false });
    outgoing.on("response", (incoming) => answer(incoming, resolve, reject));
    outgoing.on("socket", (socket) => socket.unref());
    outgoing.on("error", reject);
    outgoing.end();
  });
}
