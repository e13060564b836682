import { type HeaderFields, loadPart, socketTransport, type Transport } from "@gradio-rx/core/platform";
import type { Sender, SenderOptions } from "./sender.ts";

/** Time in which the modules of Node are loaded and the first connection is started, in milliseconds. */
const HEAD_START = 20;

/** Options of {@link nodeTransport}. */
export type NodeTransportOptions = SenderOptions;

/**
 * Creates the transport of Node. It uses `node:http`, which takes a third of the processor time of Node's `fetch`, and sends
 * files with flat memory. Its modules are loaded with the first request.
 */
export function nodeTransport(options: NodeTransportOptions = {}): Transport {
  let loading: Promise<Sender> | undefined;
  const sender = (): Promise<Sender> =>
    (loading ??= loadPart(() => import("./sender.ts")).then((module) => new module.Sender(options)));
  return {
    reportsProgress: true,
    headStart: HEAD_START,
    send: async (request) => await (await sender()).send(request),
    upload: async (upload, onProgress) => await (await sender()).sendForm(upload, onProgress),
    ...socketTransport(openSocket),
    close: () => void loading?.then((loaded) => loaded.close()).catch(() => undefined),
  };
}

/** Opens a WebSocket. Node's own accepts headers, which the standard does not have. */
function openSocket(url: URL, headers: HeaderFields): WebSocket {
  const Socket = WebSocket as unknown as new (url: URL, init: { headers: HeaderFields }) => WebSocket;
  return new Socket(url, { headers });
}
