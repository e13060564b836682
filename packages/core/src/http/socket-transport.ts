import type { HeaderFields, Transport } from "../transport.ts";

/**
 * The part of a transport that opens WebSockets, over the platform's own.
 *
 * @param create - makes one: `(url) => new WebSocket(url)`.
 */
export function socketTransport(
  create: (url: URL, headers: HeaderFields) => WebSocket,
): Required<Pick<Transport, "openSocket">> {
  return {
    openSocket({ url, headers, signal, onMessage, onClose }) {
      const socket = create(url, headers);
      let reason: unknown;
      const close = (): void => socket.close();
      signal.addEventListener("abort", close, { once: true });
      socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (typeof data === "string") onMessage(data);
      });
      socket.addEventListener("error", (event) => {
        // Node says why, pages do not.
        reason = "error" in event ? event.error : undefined;
      });
      socket.addEventListener("close", ({ code }) => {
        signal.removeEventListener("abort", close);
        onClose(code, reason);
      });
      return { send: (text) => socket.send(text) };
    },
  };
}
