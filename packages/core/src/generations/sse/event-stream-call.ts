import type { Subscriber } from "rxjs";
import { GradioError, ProtocolError } from "../../errors.ts";
import { eventStream } from "../../http/body.ts";
import {
  callBody,
  fromProgram,
  refusalOf,
  sendReset,
  submissionHeaders,
  submissionPath,
} from "../../protocol/requests.ts";
import type { PreparedCall, Protocol, ProtocolMessage } from "../../protocol/protocol.ts";
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

/** Gradio 4.0 to 4.8: every call has an event stream of its own, and posts its data when the app asks for it (PROTOCOL.md, 2.3). */
export function callEventStreams(hash: string, settings: PerCallSettings): Protocol {
  const connect: Connect = (...parts) => new EventStreamCall(...parts).start();
  return new PerCallProtocol(hash, settings, { connect, hasHeartbeat: true, sharesIterators: false });
}

/**
 * State of a call on its event stream: joining the queue; in the queue; its data is being posted; the app has its data;
 * ended.
 */
type Stage = "joining" | "queued" | "posting" | "posted" | "over";

/** Whether the app has the call's data, by stage; `null` while it is being posted. */
const accepted = { joining: false, queued: false, posting: null, posted: true, over: true } as const;

/** One call on its own event stream. */
class EventStreamCall {
  readonly #call: PreparedCall;
  readonly #connection: CallConnection;
  readonly #subscriber: Subscriber<ProtocolMessage>;
  #stage: Stage = "joining";
  #eventId: string | null = null;

  constructor(call: PreparedCall, connection: CallConnection, subscriber: Subscriber<ProtocolMessage>) {
    this.#call = call;
    this.#connection = connection;
    this.#subscriber = subscriber;
  }

  /** Joins the queue; returns the function that leaves it. */
  start(): () => void {
    const { http, prefix, sessionHash, onActivity, waitUntil } = this.#connection;
    const { fnIndex, headers } = this.#call;
    const query = new URLSearchParams({ fn_index: String(fnIndex), session_hash: sessionHash });
    const path = submissionPath(`${prefix}queue/join`, this.#call, query);
    const subscription = eventStream({
      open: async (signal) =>
        await http.open(path, { signal, headers: await submissionHeaders(this.#call), callHeaders: headers }),
      onBytes: onActivity,
      limit: http.settings.limits.event,
    }).subscribe({
      next: (data) => this.#read(data),
      error: (error: unknown) => this.#lose(error instanceof GradioError ? error : undefined),
      complete: () => this.#lose(),
    });
    return () => {
      subscription.unsubscribe();
      // The end of the stream removes a waiting call from the queue. A running generator has to be stopped by its id.
      if (this.#stage !== "over" && this.#eventId !== null)
        waitUntil(sendReset(http, prefix, this.#call, { event_id: this.#eventId }));
    };
  }

  #read(data: string): void {
    const message = this.#parse(data);
    if (!message || message.kind === "unknown" || message.kind === "heartbeat") return;
    // The app requests the session over WebSockets only.
    if (message.kind === "send_hash") return;
    if (message.kind === "queue_full") return this.#subscriber.error(queueFull(this.#call));
    if (this.#stage === "joining") {
      this.#stage = "queued";
      this.#subscriber.next({ kind: "accepted", eventId: null, chunks: null });
    }
    if (message.kind === "send_data") return this.#post(message.eventId);
    if (message.kind === "process_completed") this.#stage = "over";
    this.#subscriber.next(message);
    if (message.kind === "process_completed") this.#subscriber.complete();
  }

  #parse(data: string): ConnectionMessage | undefined {
    const { http, traits } = this.#connection;
    try {
      return parseConnectionMessage(http.parseMessage(data), traits);
    } catch {
      this.#subscriber.error(new ProtocolError(`The app sent an event that is not JSON: ${http.quote(data)}`));
      return undefined;
    }
  }

  /** Posts the call's data. The app has requested it and sent the call's id, as the call is the next one. */
  #post(eventId: string | null): void {
    const { http, prefix, sessionHash } = this.#connection;
    this.#eventId = eventId;
    this.#subscriber.next({ kind: "accepted", eventId, chunks: null });
    this.#stage = "posting";
    const posted = http.send({
      path: `${prefix}queue/data`,
      json: { ...callBody(this.#call, sessionHash), event_id: eventId },
      headers: fromProgram,
      callHeaders: this.#call.headers,
      toError: (refusal) => refusalOf(refusal, this.#call),
    });
    posted.then(
      () => {
        if (this.#stage === "posting") this.#stage = "posted";
      },
      (error: unknown) => this.#subscriber.error(error),
    );
  }

  #lose(error?: GradioError): void {
    this.#subscriber.error(lostCall(this.#call, accepted[this.#stage], error));
  }
}
