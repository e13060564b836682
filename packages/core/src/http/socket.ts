import { AuthenticationError, type GradioError, ProtocolError } from "../errors.ts";
import type { HeaderFields, Socket, Transport } from "../transport.ts";
import { requestHeaders } from "./credentials.ts";
import { toGradioError } from "./errors.ts";
import type { Http, PlainRequest } from "./request.ts";
import { redactedUrl } from "./urls.ts";

/** Close code of apps that require a login. */
const POLICY_VIOLATION = 1008;

/**
 * Opens a WebSocket of the app.
 *
 * @param onClose - called once, with the error for a caller that still needs the socket.
 */
export async function openSocket(
  http: Http,
  path: string,
  options: {
    signal: AbortSignal;
    headers?: HeaderFields;
    callHeaders: PlainRequest["callHeaders"];
    onMessage: (text: string) => void;
    onClose: (error: GradioError) => void;
  },
): Promise<Socket> {
  const { signal, headers: own = {}, callHeaders, onMessage, onClose } = options;
  const { credentials, transport, timeout } = http.settings;
  const url = http.url(path);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (!transport.openSocket)
    throw new ProtocolError("The app runs Gradio 3, which needs WebSockets, and this transport has none.");
  const headers = await requestHeaders(credentials, own, { call: callHeaders, signal, timeout });
  signal.throwIfAborted();
  http.settings.secrets.addHeaders(headers);
  return transport.openSocket({
    url,
    headers,
    signal,
    onMessage,
    onClose: (code, cause) =>
      onClose(
        http.settings.secrets.hide(
          code === POLICY_VIOLATION
            ? new AuthenticationError(`The app refused access to ${redactedUrl(url)}.`)
            : toGradioError(cause, url),
        ),
      ),
  });
}

/**
 * Creates the part of a transport that opens WebSockets.
 *
 * @param create - creates a platform's socket: `(url) => new WebSocket(url)`.
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
        // Node reports the error, browsers do not.
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
