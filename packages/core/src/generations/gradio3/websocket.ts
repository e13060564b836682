import type { Subscriber } from "rxjs";
import { AuthenticationError, ConnectionError, type GradioError, ProtocolError, TimeoutError } from "../../errors.ts";
import { requestHeaders } from "../../http/credentials.ts";
import { toGradioError } from "../../http/errors.ts";
import type { Http, PlainRequest } from "../../http/request.ts";
import { redactedUrl } from "../../http/urls.ts";
import { callBody, sendReset, submissionHeaders, submissionPath } from "../../protocol/requests.ts";
import type { PreparedCall, Protocol, ProtocolMessage } from "../../protocol/protocol.ts";
import { LONGEST_DELAY } from "../../timers.ts";
import type { HeaderFields, Socket } from "../../transport.ts";
import {
  type CallConnection,
  type Connect,
  type ConnectionMessage,
  lostCall,
  parseConnectionMessage,
  type PerCallSettings,
  queueFull,
} from "../per-call/call-connection.ts";
import { PerCallProtocol } from "../per-call/per-call-protocol.ts";

/** Close code of apps that require a login. */
const POLICY_VIOLATION = 1008;

/** Gradio 3: every call has a WebSocket of its own (PROTOCOL.md, 2.2). */
export function webSockets(hash: string, settings: PerCallSettings): Protocol {
  const connect: Connect = (...parts) => new SocketCall(...parts).start();
  return new PerCallProtocol(hash, settings, { connect, hasHeartbeat: false, sharesIterators: true });
}

/** State of a call on its WebSocket: no message has come; some have; in the queue; the app has its data; ended. */
type Stage = "opening" | "opened" | "queued" | "accepted" | "over";

/** One call on its own WebSocket. */
class SocketCall {
  readonly #call: PreparedCall;
  readonly #connection: CallConnection;
  readonly #subscriber: Subscriber<ProtocolMessage>;
  #stage: Stage = "opening";

  constructor(call: PreparedCall, connection: CallConnection, subscriber: Subscriber<ProtocolMessage>) {
    this.#call = call;
    this.#connection = connection;
    this.#subscriber = subscriber;
  }

  /** Joins the queue; returns the function that leaves it. */
  start(): () => void {
    const { http, prefix, sessionHash, onActivity, waitUntil } = this.#connection;
    const abort = new AbortController();
    const socket = submissionHeaders(this.#call).then((headers) =>
      openSocket(http, submissionPath(`${prefix}queue/join`, this.#call), {
        signal: abort.signal,
        headers,
        callHeaders: this.#call.headers,
        onMessage: (text) => {
          if (this.#subscriber.closed) return;
          if (this.#stage === "opening") this.#stage = "opened";
          onActivity();
          const reply = this.#read(text);
          if (reply) void socket.then((open) => open.send(JSON.stringify(reply)));
        },
        onClose: (error) => void this.#lose(error, abort.signal),
      }),
    );
    socket.catch((error: unknown) => this.#subscriber.error(error));
    // The first message may take as long as any response.
    const timeout = Math.min(http.settings.timeout, LONGEST_DELAY);
    const silent = setTimeout(() => {
      if (this.#stage === "opening") this.#subscriber.error(silence(http));
    }, timeout);
    return () => {
      clearTimeout(silent);
      abort.abort();
      if (this.#stage !== "accepted") return;
      const json = { session_hash: sessionHash, fn_index: this.#call.fnIndex };
      waitUntil(sendReset(http, prefix, this.#call, json));
    };
  }

  /** Handles a message; returns the reply that the app asks for. */
  #read(text: string): Record<string, unknown> | undefined {
    const message = this.#parse(text);
    if (!message || message.kind === "unknown" || message.kind === "heartbeat") return undefined;
    const { sessionHash } = this.#connection;
    if (message.kind === "send_hash") return { fn_index: this.#call.fnIndex, session_hash: sessionHash };
    if (message.kind === "queue_full") {
      this.#subscriber.error(queueFull(this.#call));
      return undefined;
    }
    if (this.#stage === "opened") this.#subscriber.next({ kind: "accepted", eventId: null, chunks: null });
    if (message.kind === "send_data") {
      this.#stage = "accepted";
      return callBody(this.#call, sessionHash);
    }
    if (this.#stage === "opened") this.#stage = "queued";
    if (message.kind === "process_completed") this.#stage = "over";
    this.#subscriber.next(message);
    if (message.kind === "process_completed") this.#subscriber.complete();
    return undefined;
  }

  async #lose(error: GradioError, signal: AbortSignal): Promise<void> {
    const isRefused = error instanceof ConnectionError && error.accepted !== false && this.#stage === "opening";
    const cause = isRefused ? ((await this.#findRefusal(signal)) ?? error) : error;
    this.#subscriber.error(lostCall(this.#call, this.#stage === "accepted", cause));
  }

  /**
   * Returns the error of a missing login. Platforms do not report why a server refused a WebSocket; the request for the configuration
   * has the same answer with a reason.
   */
  async #findRefusal(signal: AbortSignal): Promise<AuthenticationError | undefined> {
    const request = this.#connection.http.send({ path: "config", signal, keepalive: true });
    return await request.then(
      () => undefined,
      (error: unknown) => (error instanceof AuthenticationError ? error : undefined),
    );
  }

  #parse(text: string): ConnectionMessage | undefined {
    const { traits, http } = this.#connection;
    const { event: limit } = http.settings.limits;
    try {
      if (text.length <= limit) return parseConnectionMessage(http.parseMessage(text), traits);
      this.#subscriber.error(new ProtocolError(`The app sent a message of more than ${limit} characters.`));
    } catch {
      this.#subscriber.error(new ProtocolError(`The app sent a message that is not JSON: ${http.quote(text)}`));
    }
    return undefined;
  }
}

function silence({ settings: { timeout } }: Http): TimeoutError {
  return new TimeoutError(`The app sent no message on its WebSocket within ${timeout} ms.`, { kind: "request" });
}

/**
 * Opens a WebSocket of the app.
 *
 * @param onClose - called once, with the error for a caller that still needs the socket.
 */
async function openSocket(
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
