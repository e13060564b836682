import { AuthenticationError, copyError, type GradioError, ProtocolError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { WireMessage } from "../wire/messages.ts";
import { later } from "../timers.ts";
import { Cancels } from "./cancels.ts";
import { chunkPort } from "./chunks.ts";
import { EarlyMessages } from "./early.ts";
import { heartbeat } from "./heartbeat.ts";
import { join } from "./join.ts";
import { broken, DOUBT, ended, failSilent, forgotten } from "./losses.ts";
import { MessageStream, type StreamState, sweepAfter } from "./message-stream.ts";
import { Pause } from "./pause.ts";
import { Probation } from "./probation.ts";
import { anyLive, onlyWaiting, type Ticket } from "./ticket.ts";
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
  /** Told each change of the stream. */
  onState: (state: StreamState) => void;
}

/** How long a stream may stay open after its last call, for the app to end it by itself. In milliseconds. */
const GRACE = 1_000;
/**
 * How long no call is sent after the last one ended, unless the app says goodbye before: it does so at once, and a call on a stream
 * that breaks just then would be lost. In milliseconds.
 */
const GOODBYE = 100;

/**
 * One session at the app: its calls, and the one stream that carries the messages of them all (PROTOCOL.md, 2.5).
 *
 * A stream that was lost cannot be resumed: so it is opened when a call was taken, and its end is the end of every call
 * on it.
 */
export class Session {
  readonly hash: string;
  readonly cancels: Cancels;
  /** Whether calls have ever been lost here. */
  lost = false;
  readonly #settings: SessionSettings;
  readonly #stream: MessageStream;
  readonly #early: EarlyMessages;
  /** Calls on their way, at the app, or being cancelled there. */
  readonly #tickets = new Set<Ticket>();
  /** Those that the app has taken. */
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
  /**
   * Ids of calls that were lost with their stream. For the app those that ran are pending for ever, so that it says goodbye to this
   * session no more, unless they are cancelled while there is a reader (PROTOCOL.md, 2.6).
   */
  #ghosts: string[] = [];
  readonly #probation = new Probation();
  /** How long the app has taken to take calls of late, in milliseconds: one that is slow in that is slow to notice things, too. */
  #latency = 0;
  /** By `performance.now()`: when the last call ended. */
  #endedAt = -Infinity;
  /** Of calls that have not been sent; it ends when the stream has changed. */
  readonly #pause = new Pause();

  constructor(hash: string, settings: SessionSettings) {
    const { http, prefix, traits, onState } = settings;
    this.hash = hash;
    this.#settings = settings;
    this.cancels = new Cancels(settings, hash, this.#tickets, (ticket) => this.#expire(ticket));
    this.#early = new EarlyMessages(http.settings.limits.pendingMessages);
    this.#stream = new MessageStream({
      http,
      path: `${prefix}queue/data?session_hash=${encodeURIComponent(hash)}`,
      traits,
      onMessage: (message) => this.#read(message),
      onDoubt: () => failSilent(this.#tickets),
      onLost: (error) => this.#lose(error),
      onState: (state) => {
        if (state === "open") this.cancels.lay(this.#ghosts.splice(0));
        onState(state);
      },
    });
  }

  /** Whether no call is left here, and no connection. */
  get idle(): boolean {
    return this.#tickets.size === 0 && this.#stream.isGone && !this.#endHeartbeat;
  }

  /** Sends a call, now or as soon as nothing stands in its way. */
  async submit(ticket: Ticket): Promise<void> {
    const { call } = ticket;
    ticket.send(() => this.#lastLife(ticket));
    for (let gate = this.#gate(call.fnIndex); gate; gate = this.#gate(call.fnIndex)) await gate;
    if (!ticket.live) return;
    this.#beat();
    this.#tickets.add(ticket);
    clearTimeout(this.#grace);
    ticket.phase = "joining";
    this.#joining++;
    // Join and stream travel together: one way there and back less.
    if (this.#known) this.#listen(true);
    try {
      const { http, prefix } = this.#settings;
      const sent = performance.now();
      const eventId = await join(http, `${prefix}queue/join`, call, this.hash);
      this.#latency = Math.max(performance.now() - sent, this.#latency / 2);
      this.#accepted(ticket, eventId);
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
    ticket.waitUntil(this.cancels.promise(ticket));
    this.cancels.pursue(ticket);
    // A call that nobody wants no longer shields its siblings' cancels.
    this.cancels.turn(ticket.call.fnIndex);
    // Before 4.31 only the end of its stream takes a waiting call out of the queue; nobody else may be on it.
    const { cancels } = this.#settings.traits;
    if (!anyLive(this.#tickets)) {
      if (ticket.why === "idle" || !cancels) this.#giveUp();
      else if (this.#stream.isOpen && ticket.phase !== "joining") this.#probe(ticket.why === "late");
    }
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
      await ticket.answered;
    });
    await Promise.race([Promise.all(told), patience]);
    for (const ticket of this.#tickets) this.cancels.abandon(ticket);
    this.#tickets.clear();
    this.cancels.end();
    this.#pause.end();
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

  /**
   * What a call has to wait for before it is sent: the sweep after a lost stream, a sign of life, a goodbye, a cancel of its
   * function.
   */
  #gate(fnIndex: number): Promise<void> | null {
    const wait = this.cancels.closing ? 0 : this.#wait();
    return wait > 0 ? this.#pause.wait(wait) : this.cancels.gate(fnIndex);
  }

  /** In milliseconds. */
  #wait(): number {
    const sweep = this.#stream.leftAt + sweepAfter(this.#latency) - performance.now();
    if (sweep > 0 || !this.#stream.isOpen) return sweep;
    const goodbye = this.#tickets.size === 0 ? this.#endedAt + GOODBYE - performance.now() : 0;
    return this.#probation.wait || goodbye;
  }

  /** A cancelled call that the app has not ended a while after it was told is over for us: it holds no stream open. */
  #expire(ticket: Ticket): void {
    later(() => {
      if (!this.#tickets.has(ticket) || ticket.live) return;
      this.#drop(ticket);
      this.#tidy();
    }, GRACE);
  }

  #accepted(ticket: Ticket, eventId: string): void {
    if (this.#byId.has(eventId)) throw new ProtocolError("The app gave two calls the same id.");
    this.#byId.set(eventId, ticket);
    const { http, prefix } = this.#settings;
    ticket.accept(eventId, chunkPort(http, ticket.call, { prefix, sessionHash: this.hash, eventId }));
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
    this.#probation.end();
    for (const ticket of this.#tickets) ticket.heard = false;
    this.#stream.open();
  }

  /** The last call was given up: if its stream is dead, the next one must not depend on it. After a mere cancel it is not held back. */
  #probe(late: boolean): void {
    this.#probation.begin(late, () => {
      if (!anyLive(this.#tickets)) this.#giveUp();
      else later(() => this.#probation.owed && this.#lose(undefined), DOUBT);
      this.#pause.end();
    });
  }

  #read(message: WireMessage): void {
    if (this.#probation.owed) {
      this.#pause.end();
      this.#probation.end();
    }
    if (message.kind === "heartbeat") return this.#fail(forgotten(this.#tickets), broken);
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
    ticket.receive(message, this.#stream.lastByte);
    // Nothing has changed that anybody else must know of.
    if (ticket.live && !ticket.over && this.cancels.idle) return;
    this.cancels.notice(ticket, message);
    if (ticket.over) this.#remove(ticket);
    else if (!ticket.live) this.cancels.pursue(ticket);
    this.cancels.turn(ticket.call.fnIndex);
    this.#tidy();
  }

  /** There are more early messages than may be kept: nobody can say any more whose were lost. */
  #overrun(): void {
    for (const ticket of Array.from(this.#tickets))
      if (ticket.phase === "joining")
        ticket.fail(new ProtocolError("The app sent too many messages of calls that it has not yet confirmed."));
  }

  /**
   * The app says goodbye: for it, no call of this session is pending. One that has had messages on this stream, and has
   * not ended, is lost; one without has been taken since, and wants a stream of its own.
   */
  #farewell(): void {
    clearTimeout(this.#grace);
    const taken = Array.from(this.#byId.values());
    // One that was to have this very stream for itself does not get a third.
    const lost = taken.filter((ticket) => ticket.heard || ticket.moved);
    // An app that says goodbye to calls that wait has not done with them: what it keeps of them has to be swept.
    const early = lost.some((ticket) => ticket.live);
    if (early) this.#stream.hangUp("lost");
    else this.#stream.farewell();
    this.#known = !early && this.#settings.traits.remembers;
    this.#pause.end();
    for (const ticket of taken) ticket.moved = true;
    this.#fail(lost, ended);
    if (taken.length > lost.length) this.#listen();
  }

  /** The app gives up the whole session. */
  #dismissed(message: WireMessage & { kind: "unexpected_error" }): void {
    // The app did not know the session when the stream came, ahead of its call: what was taken since wants another one.
    if (message.sessionNotFound && this.#ahead) {
      this.#stream.hangUp("idle", false);
      if (this.#byId.size > 0) this.#listen();
      return;
    }
    const taken = Array.from(this.#byId.values());
    this.#stream.hangUp();
    // Those that had moved to this stream were lost with the one before; with a request that was repeated, all were.
    const { repeated } = this.#stream;
    const moved = taken.filter((ticket) => message.sessionNotFound && (ticket.moved || repeated));
    this.#fail(moved, ended);
    for (const ticket of taken) this.#deliver(ticket, message);
    this.#fail(Array.from(this.#tickets), broken);
  }

  /**
   * The stream has ended without a farewell. Where no call was on it, that is how the wire says goodbye before 4.22; else it
   * is lost, and with it every call that may have been on it: joins on their way, too.
   */
  #lose(error: unknown): void {
    const lost = Array.from(this.#tickets);
    if (this.#byId.size === 0) {
      this.#stream.hangUp("idle", error !== undefined);
      // The app may sweep away what joins just now.
      if (error !== undefined || this.#ahead) {
        for (const ticket of lost) ticket.moved = true;
        failSilent(this.#tickets);
      }
      this.#pause.end();
      return;
    }
    this.#stream.hangUp("lost");
    const known = error instanceof AuthenticationError || error instanceof ProtocolError ? error : undefined;
    this.#fail(lost, (ticket) => (known ? copyError(known) : broken(ticket, error)));
  }

  #fail(tickets: readonly Ticket[], error: (ticket: Ticket) => GradioError): void {
    for (const ticket of tickets) {
      const made = ticket.live ? error(ticket) : null;
      if (made) this.lost = true;
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
    if (ticket.eventId !== null && !ticket.over) this.#ghosts.push(ticket.eventId);
    ticket.phase = "over";
    this.#remove(ticket);
  }

  #remove(ticket: Ticket): void {
    this.#tickets.delete(ticket);
    this.#endedAt = performance.now();
    if (ticket.eventId !== null) {
      this.#byId.delete(ticket.eventId);
      this.#early.forget(ticket.eventId);
    }
    this.cancels.abandon(ticket);
  }

  /** Closes what nobody needs: the stream, a while after its last call; the heartbeat of a retired session. */
  #tidy(): void {
    if (this.#tickets.size > 0 && !this.#settings.traits.dequeues && onlyWaiting(this.#tickets)) this.#giveUp();
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
