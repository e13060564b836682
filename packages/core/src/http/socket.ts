import { AuthenticationError, type GradioError, ProtocolError } from "../errors.ts";
import type { Socket } from "../transport.ts";
import { requestHeaders } from "./credentials.ts";
import { place, typed } from "./failures.ts";
import type { Http, PlainRequest } from "./request.ts";

/** How an app closes the WebSocket of somebody who has not logged in. */
const REFUSED = 1008;

/**
 * Opens a WebSocket of the app.
 *
 * @param onClose - called once with what the end of the socket means to somebody who still needed it.
 */
export async function openSocket(
  http: Http,
  path: string,
  options: {
    signal: AbortSignal;
    headers?: Readonly<Record<string, string>>;
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
    throw new ProtocolError("The app is one of Gradio 3, which wants a WebSocket; this transport opens none.");
  const headers = await requestHeaders(credentials, own, { call: callHeaders, signal, timeout });
  signal.throwIfAborted();
  return transport.openSocket({
    url,
    headers,
    signal,
    onMessage,
    onClose: (code, cause) =>
      onClose(
        code === REFUSED ? new AuthenticationError(`The app refused access to ${place(url)}.`) : typed(cause, url),
      ),
  });
}
