import type { Subscription } from "rxjs";
import { ConnectionError, GradioError, ProtocolError } from "../errors.ts";
import { eventStream } from "../http/event-stream.ts";
import type { Http } from "../http/request.ts";
import { parseMessage, type WireMessage } from "../wire/messages.ts";
import { Cancels } from "./cancels.ts";
import { heartbeat } from "./heartbeat.ts";
import { join } from "./join.ts";
import type { Ticket } from "./ticket.ts";

/** How the stream of a session is doing. */
export type StreamState = "idle" | "connecting" | "open" | "lost";

/** What sessions of one client have in common. */
export interface SessionSettings {
  http: Http;
  /** What stands before every path of the app's API: `gradio_api/`, or nothing before 5.0. */
  prefix: string;
  /** Whether the app wants to know when its visitors go. */
  heartbeat: boolean;
  /** Most characters of one event. */
  eventLimit: number;
  /** Most messages kept that came before the reply of their join. */
  pendingMessages: number;
  /** Told each change of the stream. */
  onState: (state: StreamState) => void;
}

/** How long a stream may stay open after its last call, for the app to end it by itself. In milliseconds. */
const GRACE = 1_000;
/**
 * How long no call is sent after a stream broke. When the app notices that its reader has gone it sweeps the session: a
 * call that arrives just before would be swept with it (PROTOCOL.md, 2.6). In milliseconds.
 */
const SWEEP = 300;

/** One event stream, from its request to its end. */
interface Stream {
  subscription: Subscription | null;
  /** Ends it when it does not end by itself after its farewell. */
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * One session at the app: its calls, and the one stream that carries the messages of them all (PROTOCOL.md, 2.5).
 *
 * Two readers of one session would steal messages from each other, and a stream that was lost cannot be resumed: so
 * there is never more than one, it is opened when a call was taken, and its end is the end of every call on it.
 */
export class Session {
  readonly hash: string;
  /** Calls on their way, at the app, or being cancelled there. */
  readonly #tickets = new Set<Ticket>();
  readonly #byId = new Map<string, Ticket>();
  /** Messages that came before the reply of their join, while joins are on their way. */
  readonly #early = new Map<string, WireMessage[]>();
  #earlyCount = 0;
  #joining = 0;
  #stream: Stream | null = null;
  /** Streams that have said goodbye and not yet ended. */
  readonly #parting = new Set<Stream>();
  #retired = false;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #lastByte = 0;
  /** By `performance.now()`: when our side last left a stream that the app had not ended. */
  #left = -Infinity;
  #endHeartbeat: (() => void) | null = null;
  readonly cancels: Cancels;
  readonly #settings: SessionSettings;

  constructor(hash: string, settings: SessionSettings) {
    this.hash = hash;
    this.#settings = settings;
    this.cancels = new Cancels(settings.http, `${settings.prefix}cancel`, hash, () => this.#tickets);
  }

  /** Whether no call is left here, and no connection. */
  get idle(): boolean {
    return this.#tickets.size === 0 && !this.#stream && this.#parting.size === 0 && !this.#endHeartbeat;
  }

  /** Sends a call, now or as soon as a cancel of its function is out of the way. */
  async submit(ticket: Ticket): Promise<void> {
    const { call } = ticket;
    call.ties.lastLife = () =>
      ticket.phase === "joining" ? null : ticket.suspect ? ticket.lastMessage : this.#lastByte;
    for (let gate = this.#gate(call.fnIndex); gate; gate = this.#gate(call.fnIndex)) await gate;
    if (!ticket.live) return;
    this.#beat();
    this.#tickets.add(ticket);
    clearTimeout(this.#grace);
    ticket.phase = "joining";
    this.#joining++;
    try {
      const { http, prefix } = this.#settings;
      this.#accepted(ticket, await join(http, `${prefix}queue/join`, call, this.hash));
    } catch (error) {
      this.#drop(ticket);
      ticket.fail(error);
    } finally {
      this.#joining--;
      if (this.#joining === 0) this.#forgetEarly();
      this.#tidy();
    }
  }

  /** Nobody waits for this call any more: unless it has ended, the app is told. */
  leave(ticket: Ticket): void {
    if (ticket.over || ticket.phase === "held") return;
    ticket.call.ties.told = this.cancels.promise(ticket);
    this.cancels.pursue(ticket);
    // A call that nobody wants no longer shields its siblings' cancels.
    this.cancels.turn(ticket.call.fnIndex);
    if (ticket.call.ties.silent && !this.#anyLive()) this.#giveUp();
  }

  /** Ends the session: tells the app of what still runs, for as long as `patience` allows, and closes the stream. */
  async close(patience: Promise<unknown>): Promise<void> {
    this.cancels.closing = true;
    const told = [...this.#tickets].map(async (ticket) => {
      // The end of the stream takes queued calls out of the queue by itself.
      if (ticket.phase === "queued" && this.#stream) return;
      this.cancels.pursue(ticket);
      await ticket.call.ties.told;
    });
    await Promise.race([Promise.all(told), patience]);
    this.#endHeartbeat?.();
    this.#endHeartbeat = null;
    clearTimeout(this.#grace);
    for (const ticket of this.#tickets) this.cancels.abandon(ticket);
    this.#tickets.clear();
    this.#hangUp();
    for (const stream of this.#parting) this.#part(stream);
  }

  /** Ends the heartbeat of a session that the client has left behind, once its last call has ended. */
  retire(): void {
    this.#retired = true;
    this.#tidy();
  }

  /** What a call has to wait for before it is sent: a cancel of its function, the sweep after a lost stream. */
  #gate(fnIndex: number): Promise<void> | null {
    const wait = this.#left + SWEEP - performance.now();
    if (wait > 0) return new Promise((resolve) => setTimeout(resolve, wait));
    return this.cancels.gate(fnIndex);
  }

  #anyLive(): boolean {
    for (const ticket of this.#tickets) if (ticket.live) return true;
    return false;
  }

  /** A stream that fell silent on its last call may be dead: the next call is not to depend on it. */
  #giveUp(): void {
    this.#hangUp();
    for (const ticket of this.#tickets) if (ticket.phase !== "joining") this.#drop(ticket);
  }

  #accepted(ticket: Ticket, eventId: string): void {
    this.#byId.set(eventId, ticket);
    ticket.accept(eventId);
    if (!this.#stream) this.#lastByte = performance.now();
    for (const message of this.#early.get(eventId) ?? []) this.#deliver(ticket, message);
    this.#early.delete(eventId);
    if (ticket.over) return;
    this.#listen();
    if (!ticket.live) this.cancels.pursue(ticket);
  }

  #listen(): void {
    if (this.#stream) return;
    const { http, prefix, eventLimit, onState } = this.#settings;
    const stream: Stream = { subscription: null };
    this.#stream = stream;
    this.#lastByte = performance.now();
    for (const ticket of this.#tickets) ticket.heard = false;
    onState("connecting");
    const path = `${prefix}queue/data?session_hash=${encodeURIComponent(this.hash)}`;
    stream.subscription = eventStream({
      open: (signal) => http.open(path, { signal }),
      onOpen: () => this.#stream === stream && onState("open"),
      onBytes: () => (this.#lastByte = performance.now()),
      limit: eventLimit,
    }).subscribe({
      next: (data) => this.#read(stream, data),
      complete: () => this.#ended(stream, undefined),
      error: (error) => this.#ended(stream, error),
    });
  }

  #read(stream: Stream, data: string): void {
    // After its farewell a stream has nothing to say: what comes then is for nobody.
    if (stream !== this.#stream || data === "") return;
    const message = parse(data);
    if (message === null) return this.#lose(stream, () => unreadable(data));
    if (message.kind === "close_stream") return this.#farewell();
    if (message.kind === "unexpected_error" && message.eventId === null) return this.#dismissed(message);
    if (!("eventId" in message) || message.eventId === null) return;
    const ticket = this.#byId.get(message.eventId);
    if (ticket) this.#deliver(ticket, message);
    else if (this.#joining > 0) this.#keep(message.eventId, message);
  }

  #deliver(ticket: Ticket, message: WireMessage): void {
    if (ticket.over) return;
    ticket.receive(message);
    this.cancels.notice(ticket, message);
    if (ticket.over) this.#remove(ticket);
    else if (!ticket.live) this.cancels.pursue(ticket);
    this.cancels.turn(ticket.call.fnIndex);
    this.#tidy();
  }

  #keep(eventId: string, message: WireMessage): void {
    const kept = this.#early.get(eventId) ?? [];
    this.#early.set(eventId, kept);
    kept.push(message);
    if (++this.#earlyCount <= this.#settings.pendingMessages) return;
    const error = () => new ProtocolError("The app sent too many messages of calls that it has not yet confirmed.");
    this.#forgetEarly();
    for (const ticket of this.#tickets) if (ticket.phase === "joining") ticket.fail(error());
  }

  #forgetEarly(): void {
    this.#early.clear();
    this.#earlyCount = 0;
  }

  /**
   * The app says goodbye: for it, no call of this session is pending. One that has had messages on this stream, and has
   * not ended, is lost; one without has been taken since, and wants a stream of its own. The old connection is left to
   * end by itself: aborting it could take the messages of a call that joins just now.
   */
  #farewell(): void {
    const stream = this.#stream!;
    clearTimeout(this.#grace);
    const lost = [...this.#tickets].filter((ticket) => ticket.heard && ticket.phase !== "joining");
    this.#stream = null;
    this.#parting.add(stream);
    stream.timer = setTimeout(() => this.#part(stream), GRACE);
    this.#settings.onState("idle");
    this.#failAll(lost, ended);
    const since = [...this.#tickets].filter((ticket) => ticket.eventId !== null);
    for (const ticket of since) ticket.moved = true;
    if (since.length > 0) this.#listen();
  }

  #part(stream: Stream): void {
    clearTimeout(stream.timer);
    this.#parting.delete(stream);
    stream.subscription?.unsubscribe();
    this.#settings.onState(this.#stream ? "open" : "idle");
  }

  /** The app gives up the whole session. */
  #dismissed(message: WireMessage & { kind: "unexpected_error" }): void {
    const tickets = [...this.#tickets].filter((ticket) => ticket.eventId !== null);
    this.#hangUp();
    this.#failAll(
      tickets.filter((ticket) => message.sessionNotFound && ticket.moved),
      ended,
    );
    for (const ticket of tickets) this.#deliver(ticket, message);
    for (const ticket of tickets) this.cancels.abandon(ticket);
    if (this.#tickets.size > 0) this.#lose(null, broken);
  }

  #ended(stream: Stream, error: unknown): void {
    if (this.#parting.has(stream)) return this.#part(stream);
    if (stream !== this.#stream) return;
    const known = error instanceof GradioError && !(error instanceof ConnectionError) ? error : undefined;
    this.#lose(stream, (ticket) => known ?? broken(ticket, error));
  }

  /** The stream is lost, and with it every call that may have been on it. */
  #lose(stream: Stream | null, error: (ticket: Ticket) => GradioError): void {
    if (stream === this.#stream) this.#hangUp();
    const lost = [...this.#tickets];
    if (lost.length === 0) return;
    this.#settings.onState("lost");
    this.#failAll(lost, error);
  }

  #failAll(tickets: readonly Ticket[], error: (ticket: Ticket) => GradioError): void {
    for (const ticket of tickets) {
      const wanted = ticket.live;
      // The reply of a join that is on its way may still bring an id; then the app is told that nobody waits.
      const sent = ticket.phase === "joining";
      if (!sent) this.#drop(ticket);
      if (wanted) ticket.fail(error(ticket));
    }
  }

  /** Forgets a call that the app has forgotten, too. */
  #drop(ticket: Ticket): void {
    ticket.phase = "over";
    this.#remove(ticket);
    this.cancels.abandon(ticket);
  }

  #remove(ticket: Ticket): void {
    this.#tickets.delete(ticket);
    if (ticket.eventId !== null) this.#byId.delete(ticket.eventId);
    this.cancels.turn(ticket.call.fnIndex);
  }

  /** Closes what nobody needs: the stream, a while after its last call; the heartbeat of a retired session. */
  #tidy(): void {
    if (this.#tickets.size > 0) return;
    if (this.#retired) {
      this.#endHeartbeat?.();
      this.#endHeartbeat = null;
    }
    clearTimeout(this.#grace);
    if (this.#stream) this.#grace = setTimeout(() => this.#hangUp(), GRACE);
  }

  #hangUp(): void {
    const stream = this.#stream;
    if (!stream) return;
    clearTimeout(this.#grace);
    this.#stream = null;
    this.#left = performance.now();
    stream.subscription?.unsubscribe();
    this.#settings.onState("idle");
  }

  #beat(): void {
    const { http, prefix } = this.#settings;
    if (this.#settings.heartbeat)
      this.#endHeartbeat ??= heartbeat(http, `${prefix}heartbeat/${encodeURIComponent(this.hash)}`);
  }
}

function parse(data: string): WireMessage | null {
  try {
    return parseMessage(JSON.parse(data));
  } catch {
    return null;
  }
}

function unreadable(data: string): ProtocolError {
  return new ProtocolError(`The app sent an event that is no JSON: ${data.slice(0, 200)}`);
}

/** The stream ended, however politely, while this call was open. */
function ended(ticket: Ticket): ConnectionError {
  return new ConnectionError(`The app ended the event stream before ${ticket.call.endpoint} had ended.`, {
    accepted: true,
  });
}

function broken(ticket: Ticket, error?: unknown): ConnectionError {
  const accepted = ticket.eventId === null ? null : true;
  const known = accepted ? "the app had accepted the call" : "whether the app had accepted the call is unknown";
  const message = `The connection was lost before ${ticket.call.endpoint} had ended; ${known}.`;
  return new ConnectionError(message, { accepted, ...(error === undefined ? {} : { cause: error }) });
}
