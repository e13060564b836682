import { Observable, type Subscriber } from "rxjs";
import { AuthenticationError, ConnectionError, type GradioError, ProtocolError, TimeoutError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import { LONGEST_DELAY } from "../timers.ts";
import { parseJson } from "../http/body.ts";
import { openSocket } from "../http/socket.ts";
import { quote } from "../http/errors.ts";
import { type CallMessage, parseCallMessage } from "../wire/call-messages.ts";
import { CallStreams } from "./call-streams.ts";
import { type CallStream, type CallStreamSettings, lostCall, queueFull } from "./carry.ts";
import { callBody, submissionHeaders } from "./join.ts";
import type { PreparedCall, Protocol, ProtocolMessage } from "./protocol.ts";
import { reset } from "./reset.ts";

/** Gradio 3: every call has a WebSocket of its own (PROTOCOL.md, 2.2). */
export function webSockets(hash: string, settings: CallStreamSettings): Protocol {
  const carry = (call: PreparedCall, stream: CallStream): Observable<ProtocolMessage> =>
    new Observable((subscriber) => new SocketCall(call, stream, subscriber).start());
  return new CallStreams(hash, settings, { carry, beats: false, sharesIterators: true });
}

/** One call on its own WebSocket. */
class SocketCall {
  readonly #call: PreparedCall;
  readonly #stream: CallStream;
  readonly #subscriber: Subscriber<ProtocolMessage>;
  /** Whether the app has said anything. */
  #opened = false;
  #taken = false;
  /** Whether the app has the call's data. */
  #accepted = false;
  #ended = false;

  constructor(call: PreparedCall, stream: CallStream, subscriber: Subscriber<ProtocolMessage>) {
    this.#call = call;
    this.#stream = stream;
    this.#subscriber = subscriber;
  }

  /** Joins the queue; returns what leaves it. */
  start(): () => void {
    const { http, prefix, alive } = this.#stream;
    const abort = new AbortController();
    const socket = submissionHeaders(this.#call).then((headers) =>
      openSocket(http, `${prefix}queue/join`, {
        signal: abort.signal,
        headers,
        callHeaders: this.#call.headers,
        onMessage: (text) => {
          if (this.#subscriber.closed) return;
          this.#opened = true;
          alive();
          const reply = this.#read(text);
          if (reply) void socket.then((open) => open.send(JSON.stringify(reply)));
        },
        onClose: (error) => void this.#close(error, abort.signal),
      }),
    );
    socket.catch((error: unknown) => this.#subscriber.error(error));
    const impatient = setTimeout(() => this.#opened || this.#subscriber.error(unopened(http)), patience(http));
    return () => {
      clearTimeout(impatient);
      abort.abort();
      const { fnIndex: fn_index } = this.#call;
      const { sessionHash: session_hash, telling } = this.#stream;
      if (this.#accepted && !this.#ended) telling(reset(this.#stream, this.#call, { session_hash, fn_index }));
    };
  }

  /** Takes a message; returns what it asks for. */
  #read(text: string): Record<string, unknown> | undefined {
    const message = this.#parse(text);
    if (!message || message.kind === "unknown" || message.kind === "heartbeat") return undefined;
    const { sessionHash } = this.#stream;
    if (message.kind === "send_hash") return { fn_index: this.#call.fnIndex, session_hash: sessionHash };
    if (message.kind === "send_data") {
      this.#accepted = true;
      return callBody(this.#call, sessionHash);
    }
    if (message.kind === "queue_full") {
      this.#subscriber.error(queueFull(this.#call));
      return undefined;
    }
    if (!this.#taken) this.#subscriber.next({ kind: "accepted", eventId: null, chunks: null });
    this.#taken = true;
    this.#ended = message.kind === "process_completed";
    this.#subscriber.next(message);
    if (this.#ended) this.#subscriber.complete();
    return undefined;
  }

  async #close(error: GradioError, signal: AbortSignal): Promise<void> {
    const unheard = error instanceof ConnectionError && error.accepted !== false && !this.#opened;
    const why = unheard ? ((await this.#refusal(signal)) ?? error) : error;
    this.#subscriber.error(lostCall(this.#call, this.#accepted, why));
  }

  /** Why the app wanted no socket, platforms do not tell; a login that is missing, its configuration does. */
  async #refusal(signal: AbortSignal): Promise<AuthenticationError | undefined> {
    const asked = this.#stream.http.send({ path: "config", signal, keepalive: true });
    return await asked.then(
      () => undefined,
      (error: unknown) => (error instanceof AuthenticationError ? error : undefined),
    );
  }

  #parse(text: string): CallMessage | undefined {
    const { traits, http } = this.#stream;
    const { event: most, depth } = http.settings.limits;
    try {
      if (text.length <= most) return parseCallMessage(parseJson(text, depth), traits);
      this.#subscriber.error(new ProtocolError(`The app sent a message of more than ${most} characters.`));
    } catch {
      this.#subscriber.error(new ProtocolError(`The app sent a message that is no JSON: ${quote(text)}`));
    }
    return undefined;
  }
}

/** How long the app may take to say its first word on a socket, in milliseconds: as long as for any answer. */
function patience({ settings: { timeout } }: Http): number {
  return Math.min(timeout, LONGEST_DELAY);
}

function unopened({ settings: { timeout } }: Http): TimeoutError {
  return new TimeoutError(`The app did not speak on its WebSocket within ${timeout} ms.`, { kind: "request" });
}
