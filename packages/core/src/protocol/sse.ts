import { Observable, type Subscriber } from "rxjs";
import { GradioError, ProtocolError } from "../errors.ts";
import { parseJson } from "../http/body.ts";
import { eventStream } from "../http/event-stream.ts";
import { quote } from "../http/errors.ts";
import { type CallMessage, parseCallMessage } from "../wire/call-messages.ts";
import { CallStreams } from "./call-streams.ts";
import { type CallStream, type CallStreamSettings, lostCall, queueFull } from "./carry.ts";
import { byProgram, callBody, refused, submissionHeaders } from "./join.ts";
import type { PreparedCall, Protocol, ProtocolMessage } from "./protocol.ts";
import { reset } from "./reset.ts";

/** Gradio 4.0 to 4.8: every call has an event stream of its own, and posts its data when it is asked to (PROTOCOL.md, 2.3). */
export function callEventStreams(hash: string, settings: CallStreamSettings): Protocol {
  const carry = (call: PreparedCall, stream: CallStream): Observable<ProtocolMessage> =>
    new Observable((subscriber) => new EventStreamCall(call, stream, subscriber).start());
  return new CallStreams(hash, settings, { carry, beats: true, sharesIterators: false });
}

/** One call on its own event stream. */
class EventStreamCall {
  readonly #call: PreparedCall;
  readonly #stream: CallStream;
  readonly #subscriber: Subscriber<ProtocolMessage>;
  #eventId: string | null = null;
  #taken = false;
  /** Whether the app has the call's data: unknown while it is on its way. */
  #accepted: boolean | null = false;
  #ended = false;

  constructor(call: PreparedCall, stream: CallStream, subscriber: Subscriber<ProtocolMessage>) {
    this.#call = call;
    this.#stream = stream;
    this.#subscriber = subscriber;
  }

  /** Joins the queue; returns what leaves it. */
  start(): () => void {
    const { http, prefix, sessionHash, alive } = this.#stream;
    const { fnIndex, headers } = this.#call;
    const query = new URLSearchParams({ fn_index: String(fnIndex), session_hash: sessionHash });
    const path = `${prefix}queue/join?${query}`;
    const subscription = eventStream({
      open: async (signal) =>
        await http.open(path, { signal, headers: await submissionHeaders(this.#call), callHeaders: headers }),
      onBytes: alive,
      limit: http.settings.limits.event,
    }).subscribe({
      next: (data) => this.#read(data),
      error: (error: unknown) => this.#lose(error instanceof GradioError ? error : undefined),
      complete: () => this.#lose(),
    });
    return () => {
      subscription.unsubscribe();
      // The end of the stream takes a waiting call out of the queue; a generator that runs must be stopped by its id.
      if (!this.#ended && this.#eventId !== null)
        this.#stream.telling(reset(this.#stream, this.#call, { event_id: this.#eventId }));
    };
  }

  #read(data: string): void {
    const message = this.#parse(data);
    if (!message || message.kind === "unknown" || message.kind === "heartbeat") return;
    // Only sockets are asked for the session.
    if (message.kind === "send_hash") return;
    if (message.kind === "queue_full") return this.#fail(queueFull(this.#call));
    if (!this.#taken) this.#subscriber.next({ kind: "accepted", eventId: null, chunks: null });
    this.#taken = true;
    if (message.kind === "send_data") return this.#send(message.eventId);
    this.#ended = message.kind === "process_completed";
    this.#subscriber.next(message);
    if (this.#ended) this.#subscriber.complete();
  }

  #parse(data: string): CallMessage | undefined {
    try {
      return parseCallMessage(parseJson(data, this.#stream.http.settings.limits.depth), this.#stream.traits);
    } catch {
      this.#fail(new ProtocolError(`The app sent an event that is no JSON: ${quote(data)}`));
      return undefined;
    }
  }

  /** The call's turn has come: its id is known, its data is wanted. */
  #send(eventId: string | null): void {
    const { http, prefix, sessionHash } = this.#stream;
    this.#eventId = eventId;
    this.#subscriber.next({ kind: "accepted", eventId, chunks: null });
    this.#accepted = null;
    const posted = http.send({
      path: `${prefix}queue/data`,
      json: { ...callBody(this.#call, sessionHash), event_id: eventId },
      headers: byProgram,
      callHeaders: this.#call.headers,
      toError: (refusal) => refused(refusal, this.#call),
    });
    posted.then(
      () => (this.#accepted = true),
      (error: unknown) => this.#fail(error),
    );
  }

  #lose(error?: GradioError): void {
    this.#fail(lostCall(this.#call, this.#accepted, error));
  }

  #fail(error: unknown): void {
    this.#subscriber.error(error);
  }
}
