import { Observable, type Subscriber } from "rxjs";
import { ProtocolError } from "../errors.ts";
import { parseJson } from "../http/body.ts";
import { parseMessage, type WireMessage } from "../wire/messages.ts";
import { CallStreams } from "./call-streams.ts";
import { type CallStream, type CallStreamSettings, lostCall, queueFull } from "./carry.ts";
import { callBody, submissionHeaders } from "./join.ts";
import type { PreparedCall, Protocol } from "./protocol.ts";

/** Gradio 3: every call has a WebSocket of its own (PROTOCOL.md, 2.2). */
export function webSockets(hash: string, settings: CallStreamSettings): Protocol {
  const carry = (call: PreparedCall, stream: CallStream): Observable<WireMessage> =>
    new Observable((subscriber) => new SocketCall(call, stream, subscriber).start());
  return new CallStreams(hash, settings, { carry, beats: false, sharesIterators: true });
}

/** One call on its own WebSocket. */
class SocketCall {
  readonly #call: PreparedCall;
  readonly #stream: CallStream;
  readonly #subscriber: Subscriber<WireMessage>;
  #taken = false;
  /** Whether the app has the call's data. */
  #accepted = false;

  constructor(call: PreparedCall, stream: CallStream, subscriber: Subscriber<WireMessage>) {
    this.#call = call;
    this.#stream = stream;
    this.#subscriber = subscriber;
  }

  /** Joins the queue; returns what leaves it. */
  start(): () => void {
    const { http, prefix, alive } = this.#stream;
    const abort = new AbortController();
    const socket = submissionHeaders(this.#call).then((headers) =>
      http.openSocket(`${prefix}queue/join`, {
        signal: abort.signal,
        headers,
        callHeaders: this.#call.headers,
        onMessage: (text) => {
          if (this.#subscriber.closed) return;
          alive();
          const reply = this.#read(text);
          if (reply) void socket.then((open) => open.send(JSON.stringify(reply)));
        },
        onClose: (error) => this.#subscriber.error(lostCall(this.#call, this.#accepted, error)),
      }),
    );
    socket.catch((error: unknown) => this.#subscriber.error(error));
    return () => abort.abort();
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
    if (!this.#taken) this.#subscriber.next({ kind: "accepted", eventId: null });
    this.#taken = true;
    this.#subscriber.next(message);
    if (message.kind === "process_completed") this.#subscriber.complete();
    return undefined;
  }

  #parse(text: string): WireMessage | undefined {
    const { eventLimit, traits, http } = this.#stream;
    try {
      if (text.length <= eventLimit) return parseMessage(parseJson(text, http.settings.limits.depth), traits, "");
      this.#subscriber.error(new ProtocolError(`The app sent a message of more than ${eventLimit} characters.`));
    } catch {
      this.#subscriber.error(new ProtocolError(`The app sent a message that is no JSON: ${text.slice(0, 200)}`));
    }
    return undefined;
  }
}
