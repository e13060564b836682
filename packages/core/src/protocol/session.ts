import { AuthenticationError, ConnectionError, copyOf, GradioError, ProtocolError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { WireMessage } from "../wire/messages.ts";
import { later } from "../timers.ts";
import { Cancels } from "./cancels.ts";
import { chunkPort } from "./chunks.ts";
import { EarlyMessages } from "./early.ts";
import { heartbeat } from "./heartbeat.ts";
import { join } from "./join.ts";
import { MessageStream, type StreamState } from "./message-stream.ts";
import type { Ticket } from "./ticket.ts";
import type { Traits } from "./traits.ts";

/** What sessions of one client have in common. */
export interface SessionSettings {
  http: Http;
  /** What stands before every path of the app's API: `gradio_api/`, or nothing before 5.0. */
  prefix: string;
  /** How the app's generation and version differ from the newest. */
  traits: Traits;
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

/**
 * One session at the app: its calls, and the one stream that carries the messages of them all (PROTOCOL.md, 2.5).
 *
 * A stream that was lost cannot be resumed: so it is opened when a call was taken, and its end is the end of every call
 * on it.
 */
export class Session {
  readonly hash: string;
  readonly cancels: Cancels;
  readonly #settings: SessionSettings;
  readonly #stream: MessageStream;
  readonly #early: EarlyMessages;
  /** Calls on their way, at the app, or being cancelled there. */
  readonly #tickets = new Set<Ticket>();
  readonly #byId = new Map<string, Ticket>();
  /** How many joins are on their way. */
  #joining = 0;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #endHeartbeat: (() => void) | null = null;
  #retired = false;
  /** Whether the app knows the session and waits for a reader: the last stream ended with a farewell. */
  #known = false;
  /** Whether the stream was opened before a call was taken, and has not shown yet that the app knew the session. */
  #ahead = false;
  /** Ends the waiting for the sweep. */
  #endWait: (() => void) | null = null;

  constructor(hash: string, settings: SessionSettings) {
    const { http, prefix, traits, eventLimit, pendingMessages, onState } = settings;
    this.hash = hash;
    this.#settings = settings;
    this.cancels = new Cancels(
      http,
      prefix,
      hash,
      () => this.#tickets,
      (ticket) => this.#expire(ticket),
      traits,
    );
    this.#early = new EarlyMessages(pendingMessages);
    this.#stream = new MessageStream({
      http,
      path: `${prefix}queue/data?session_hash=${encodeURIComponent(hash)}`,
      traits,
      eventLimit,
      onMessage: (message) => this.#read(message),
      onLost: (error) => this.#lose(error),
      onState,
    });
  }

  /** Whether no call is left here, and no connection. */
  get idle(): boolean {
    return this.#tickets.size === 0 && this.#stream.isGone && !this.#endHeartbeat;
  }

  /** Sends a call, now or as soon as nothing stands in its way. */
  async submit(ticket: Ticket): Promise<void> {
    const { call } = ticket;
    call.ties.lastLife = () => this.#lastLife(ticket);
    for (let gate = this.#gate(call.fnIndex); gate; gate = this.#gate(call.fnIndex)) await gate;
    if (!ticket.live) return;
    this.#beat();
    this.#tickets.add(ticket);
    clearTimeout(this.#grace);
    ticket.phase = "joining";
    this.#joining++;
    // Join and stream travel together: one way there and back less.
    if (this.#known && !this.#stream.isOpen) this.#listen(true);
    try {
      const { http, prefix } = this.#settings;
      this.#accepted(ticket, await join(http, `${prefix}queue/join`, call, this.hash));
    } catch (error) {
      this.#drop(ticket);
      ticket.fail(error);
    } finally {
      this.#joining--;
      if (this.#joining === 0) this.#early.clear();
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
    // Before 4.31 only the end of its stream takes a waiting call out of the queue; nobody else may be on it.
    const { cancels } = this.#settings.traits;
    if ((ticket.call.ties.silent || !cancels) && !this.#anyLive()) this.#giveUp();
    if (!cancels) this.cancels.abandon(ticket);
    this.#tidy();
  }

  /** Ends the session: tells the app of what still runs, for as long as `patience` allows, and closes the stream. */
  async close(patience: Promise<unknown>): Promise<void> {
    this.cancels.closing = true;
    const told = Array.from(this.#tickets, async (ticket) => {
      // The end of the stream takes queued calls out of the queue by itself.
      if (ticket.phase === "queued" && this.#stream.isOpen) return;
      this.cancels.pursue(ticket);
      await ticket.call.ties.told;
    });
    await Promise.race([Promise.all(told), patience]);
    for (const ticket of this.#tickets) this.cancels.abandon(ticket);
    this.#tickets.clear();
    this.cancels.end();
    this.#endWait?.();
    this.#stream.close();
    this.retire();
    clearTimeout(this.#grace);
  }

  /** Ends the heartbeat of a session that the client has left behind, once its last call has ended. */
  retire(): void {
    this.#retired = true;
    this.#tidy();
  }

  /** When the call's stream last showed life; `null` while it has none. */
  #lastLife(ticket: Ticket): number | null {
    if (ticket.phase === "held" || ticket.phase === "joining") return null;
    return ticket.suspect ? ticket.lastMessage : this.#stream.lastByte;
  }

  /** What a call has to wait for before it is sent: the sweep after a lost stream, a cancel of its function. */
  #gate(fnIndex: number): Promise<void> | null {
    const wait = this.#stream.leftAt + SWEEP - performance.now();
    if (wait > 0 && !this.cancels.closing) return this.#swept(wait);
    return this.cancels.gate(fnIndex);
  }

  /** A cancelled call that the app has not ended a while after it was told is over for us: it holds no stream open. */
  #expire(ticket: Ticket): void {
    later(() => {
      if (!this.#tickets.has(ticket) || ticket.live) return;
      this.#drop(ticket);
      this.#tidy();
    }, GRACE);
  }

  /** Waits until the app has swept the session. A call waits as well: so this keeps the program alive, until `close`. */
  #swept(wait: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endWait?.(), wait);
      const others = this.#endWait;
      this.#endWait = () => {
        clearTimeout(timer);
        this.#endWait = null;
        others?.();
        resolve();
      };
    });
  }

  #accepted(ticket: Ticket, eventId: string): void {
    if (this.#byId.has(eventId)) throw new ProtocolError("The app gave two calls the same id.");
    this.#byId.set(eventId, ticket);
    const { http, prefix } = this.#settings;
    ticket.call.ties.chunks = chunkPort(http, ticket.call, { prefix, sessionHash: this.hash, eventId });
    ticket.accept(eventId);
    for (const message of this.#early.take(eventId)) this.#deliver(ticket, message);
    if (ticket.over) return;
    if (!this.cancels.closing) this.#listen();
    if (!ticket.live) this.cancels.pursue(ticket);
  }

  /** @param ahead - before a call was taken, as the app is thought to know the session. Default `false`. */
  #listen(ahead = false): void {
    if (this.#stream.isOpen) return;
    this.#known = false;
    this.#ahead = ahead;
    for (const ticket of this.#tickets) ticket.heard = false;
    this.#stream.open();
  }

  #read(message: WireMessage): void {
    if (message.kind === "close_stream") return this.#farewell();
    if (message.kind === "unexpected_error" && message.eventId === null) return this.#dismissed(message);
    if (!("eventId" in message) || message.eventId === null) return;
    this.#ahead = false;
    const ticket = this.#byId.get(message.eventId);
    if (ticket) this.#deliver(ticket, message);
    else if (this.#joining > 0 && !this.#early.keep(message.eventId, message)) this.#overrun();
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

  /** There are more early messages than may be kept: nobody can say any more whose were lost. */
  #overrun(): void {
    const joining = Array.from(this.#tickets).filter((ticket) => ticket.phase === "joining");
    for (const ticket of joining)
      ticket.fail(new ProtocolError("The app sent too many messages of calls that it has not yet confirmed."));
  }

  /**
   * The app says goodbye: for it, no call of this session is pending. One that has had messages on this stream, and has
   * not ended, is lost; one without has been taken since, and wants a stream of its own.
   */
  #farewell(): void {
    clearTimeout(this.#grace);
    const taken = Array.from(this.#tickets).filter((ticket) => ticket.eventId !== null);
    this.#stream.farewell();
    this.#known = this.#settings.traits.remembers;
    for (const ticket of taken) ticket.moved = !ticket.heard;
    if (taken.some((ticket) => ticket.moved)) this.#listen();
    this.#fail(
      taken.filter((ticket) => !ticket.moved),
      ended,
    );
  }

  /** The app gives up the whole session. */
  #dismissed(message: WireMessage & { kind: "unexpected_error" }): void {
    const taken = Array.from(this.#tickets).filter((ticket) => ticket.eventId !== null);
    if (message.sessionNotFound && this.#ahead) return this.#forgotten(taken);
    this.#stream.hangUp();
    // Those that had moved to this stream were lost with the one before.
    const moved = taken.filter((ticket) => message.sessionNotFound && ticket.moved);
    this.#fail(moved, ended);
    for (const ticket of taken) this.#deliver(ticket, message);
    for (const ticket of taken) this.cancels.abandon(ticket);
    this.#fail(Array.from(this.#tickets), broken);
  }

  /** The app did not know the session when the stream came, ahead of its call: what was taken since wants another one. */
  #forgotten(taken: readonly Ticket[]): void {
    this.#stream.settle(false);
    if (taken.length > 0) this.#listen();
  }

  /**
   * The stream has ended without a farewell. Where no call was on it, that is how the wire says goodbye before 4.22; else it
   * is lost, and with it every call that may have been on it: joins on their way, too.
   */
  #lose(error: unknown): void {
    const lost = Array.from(this.#tickets);
    if (!lost.some((ticket) => ticket.eventId !== null)) return this.#stream.settle(error !== undefined);
    this.#stream.hangUp("lost");
    const known = error instanceof AuthenticationError || error instanceof ProtocolError ? error : undefined;
    this.#fail(lost, (ticket) => (known ? copyOf(known) : broken(ticket, error)));
  }

  #fail(tickets: readonly Ticket[], error: (ticket: Ticket) => GradioError): void {
    for (const ticket of tickets) {
      const made = ticket.live ? error(ticket) : null;
      // The reply of a join that is on its way may still bring an id; then the app is told that nobody waits.
      if (ticket.phase !== "joining") this.#drop(ticket);
      if (made) ticket.fail(made);
    }
    this.#tidy();
  }

  /** A stream that fell silent on its last call may be dead: the next call is not to depend on it. */
  #giveUp(): void {
    this.#stream.hangUp();
    for (const ticket of this.#tickets) if (ticket.phase !== "joining") this.#drop(ticket);
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

  /** Whether all that is left are cancelled calls in the queue, which the end of the stream takes out of it. */
  #onlyWaiting(): boolean {
    for (const ticket of this.#tickets) if (ticket.live || ticket.phase !== "queued") return false;
    return true;
  }

  #anyLive(): boolean {
    for (const ticket of this.#tickets) if (ticket.live) return true;
    return false;
  }

  /** Closes what nobody needs: the stream, a while after its last call; the heartbeat of a retired session. */
  #tidy(): void {
    if (this.#tickets.size > 0 && !this.#settings.traits.dequeues && this.#onlyWaiting()) this.#giveUp();
    if (this.#tickets.size > 0) return;
    if (this.#retired) {
      this.#endHeartbeat?.();
      this.#endHeartbeat = null;
    }
    clearTimeout(this.#grace);
    if (this.#stream.isOpen) this.#grace = setTimeout(() => this.#stream.hangUp(), GRACE);
  }

  #beat(): void {
    const { http, prefix } = this.#settings;
    if (this.#settings.heartbeat)
      this.#endHeartbeat ??= heartbeat(http, `${prefix}heartbeat/${encodeURIComponent(this.hash)}`);
  }
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
  const status = error instanceof GradioError ? error.status : undefined;
  return new ConnectionError(message, { accepted, status, ...(error === undefined ? {} : { cause: error }) });
}
