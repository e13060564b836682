import type { Http } from "../http/request.ts";
import type { WireMessage } from "../wire/messages.ts";
import { later } from "../timers.ts";
import { STARTING, type Ticket } from "./ticket.ts";
import type { Traits } from "./traits.ts";

/** How long a cancel may be on its way before it is given up, in milliseconds. */
const PATIENCE = 2_000;

/** How long the first message of a call may take before its cancel no longer waits for it, in milliseconds. */
const FIRST_MESSAGE = 300;

/** The cancels of one function in one session. */
interface Lane {
  /** Running calls that nobody wants any more, whose cancel would hit siblings that somebody does want. */
  waiting: Set<Ticket>;
  /** Those whose cancel is on its way. */
  travelling: Set<Ticket>;
  /** Settles when the cancel on its way was answered or given up; `null` when none is. */
  gate: Promise<void> | null;
}

/**
 * Cancels calls of one session at the app, so that no sibling is hit.
 *
 * Gradio's cancel stops every running job of the function in the session, whatever id it names (PROTOCOL.md, 5.1).
 * Hence: a queued call is cancelled with a function index that fits no task; a running one waits until no sibling of
 * its function may be running; and while such a cancel travels, new calls of that function are held back.
 */
export class Cancels {
  readonly #http: Http;
  readonly #prefix: string;
  readonly #sessionHash: string;
  readonly #siblings: () => Iterable<Ticket>;
  readonly #lanes = new Map<number, Lane>();
  readonly #asked = new WeakSet<Ticket>();
  readonly #told = new Map<Ticket, () => void>();
  readonly #traits: Pick<Traits, "cancels" | "dequeues">;
  /** While the client closes, everything in the session is being cancelled: nobody is spared. */
  closing = false;

  /** Aborted when the session ends: nothing travels any longer. */
  readonly #ended = new AbortController();
  readonly #onTold: (ticket: Ticket) => void;

  /**
   * @param siblings - the calls of the session.
   * @param traits - what the app's cancel can do.
   * @param onTold - called when the app has answered a cancel, or was given up.
   */
  constructor(
    http: Http,
    prefix: string,
    sessionHash: string,
    siblings: () => Iterable<Ticket>,
    onTold: (ticket: Ticket) => void,
    traits: Pick<Traits, "cancels" | "dequeues">,
  ) {
    this.#traits = traits;
    this.#onTold = onTold;
    this.#http = http;
    this.#prefix = prefix;
    this.#sessionHash = sessionHash;
    this.#siblings = siblings;
  }

  /** Whether no cancel waits or travels. */
  get idle(): boolean {
    return this.#lanes.size === 0;
  }

  /** What a new call of the function has to wait for; `null` when nothing. */
  gate(fnIndex: number): Promise<void> | null {
    return this.#lanes.get(fnIndex)?.gate ?? null;
  }

  /** Whether a cancel of this function waits for siblings: another one in this session would make it wait longer. */
  waits(fnIndex: number): boolean {
    const lane = this.#lanes.get(fnIndex);
    return lane !== undefined && lane.waiting.size > 0;
  }

  /** A promise for the caller who left: settles when the app was told, or need not or cannot be. */
  promise(ticket: Ticket): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(ticket), PATIENCE);
      this.#told.set(ticket, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Does what can be done now for a call that nobody wants any more. To be called again when its phase changes. */
  pursue(ticket: Ticket): void {
    const { cancels, dequeues } = this.#traits;
    if (!cancels) return void this.#reset(ticket);
    if (ticket.over || ticket.phase === "held") this.#settle(ticket);
    // It cannot be taken out of the queue: it is stopped as soon as it starts.
    else if (ticket.phase === "queued" && !dequeues) this.#settle(ticket);
    else if (ticket.phase === "queued") void this.#removeFromQueue(ticket);
    else if (ticket.phase === "accepted" && !this.closing) this.#awaitPhase(ticket);
    else if (ticket.phase === "running" || (this.closing && ticket.eventId !== null)) {
      const lane = this.#lane(ticket.call.fnIndex);
      if (!lane.travelling.has(ticket)) lane.waiting.add(ticket);
      this.turn(ticket.call.fnIndex);
    }
  }

  /** Sends the cancels that waited for siblings of this function, if their turn has come. */
  turn(fnIndex: number): void {
    const lane = this.#lanes.get(fnIndex);
    if (!lane || lane.gate || lane.waiting.size === 0) return;
    for (const ticket of lane.waiting) if (ticket.over) this.#forget(lane, ticket);
    if (lane.waiting.size === 0) return;
    if (!this.closing && this.#wouldHit(fnIndex)) {
      for (const ticket of lane.waiting) this.#settle(ticket);
      return;
    }
    lane.travelling = lane.waiting;
    lane.waiting = new Set();
    lane.gate = this.#stop(lane, fnIndex);
  }

  /** Takes note of what a message says about the cancels on their way. */
  notice(ticket: Ticket, message: WireMessage): void {
    const lane = this.#lanes.get(ticket.call.fnIndex);
    if (!lane) return;
    // A call that starts while a cancel travels may be hit, unless the cancel is known to have done its work before.
    if (message.kind === "process_starts" && lane.travelling.size > 0 && ticket.live) ticket.suspect = true;
    const byCancel = message.kind === "process_completed" && !message.failure && message.output.data === null;
    if (byCancel) lane.travelling.delete(ticket);
    if (ticket.over) this.#forget(lane, ticket);
  }

  /** The session's stream is gone, and with it every call that was on it: there is nothing left to tell. */
  abandon(ticket: Ticket): void {
    const lane = this.#lanes.get(ticket.call.fnIndex);
    if (lane) this.#forget(lane, ticket);
    this.#settle(ticket);
  }

  /** Tells the app of calls that were lost: else it would take them for pending, for ever. There must be a reader just now. */
  lay(eventIds: readonly string[]): void {
    if (this.#traits.cancels) for (const eventId of eventIds) void this.#tell(eventId, -1, undefined);
  }

  /** Ends what still travels. */
  end(): void {
    this.#ended.abort();
  }

  #lane(fnIndex: number): Lane {
    let lane = this.#lanes.get(fnIndex);
    if (!lane) this.#lanes.set(fnIndex, (lane = { waiting: new Set(), travelling: new Set(), gate: null }));
    return lane;
  }

  #wouldHit(fnIndex: number): boolean {
    for (const ticket of this.#siblings()) {
      if (!ticket.live || !ticket.mayRun || ticket.call.fnIndex !== fnIndex) continue;
      // If it does not start, nothing else will say so.
      if (ticket.phase === "queued") later(() => this.turn(fnIndex), STARTING);
      return true;
    }
    return false;
  }

  /** Its first message, which tells queued from running, comes at once; unless its stream brings none. */
  #awaitPhase(ticket: Ticket): void {
    if (!this.#traits.dequeues) return this.#settle(ticket);
    later(() => ticket.phase === "accepted" && void this.#removeFromQueue(ticket), FIRST_MESSAGE);
  }

  /** With an index that fits no task, the app takes the id out of its queue and stops nobody. */
  async #removeFromQueue(ticket: Ticket): Promise<void> {
    if (this.#asked.has(ticket)) return;
    this.#asked.add(ticket);
    await this.#post(ticket, -1);
    // The start may have crossed the cancel; then its own message has set off the true one.
    if (ticket.phase === "running") return;
    this.#settle(ticket);
    this.#onTold(ticket);
  }

  /** Before 4.31 a generator that runs is stopped by its id alone, whatever becomes of its stream. */
  async #reset(ticket: Ticket): Promise<void> {
    if (ticket.phase === "running" && !this.#asked.has(ticket)) {
      this.#asked.add(ticket);
      const { headers: callHeaders } = ticket.call;
      const [path, json] = [`${this.#prefix}reset`, { event_id: ticket.eventId }];
      const signal = AbortSignal.timeout(PATIENCE);
      await this.#http.send({ path, json, callHeaders, signal, farewell: true }).catch(() => undefined);
    }
    this.#settle(ticket);
  }

  async #stop(lane: Lane, fnIndex: number): Promise<void> {
    const stopped = [...lane.travelling];
    await Promise.all(stopped.map((ticket) => this.#post(ticket, fnIndex)));
    for (const ticket of stopped) {
      this.#settle(ticket);
      this.#onTold(ticket);
    }
    lane.travelling.clear();
    lane.gate = null;
    if (lane.waiting.size > 0) this.turn(fnIndex);
    else this.#lanes.delete(fnIndex);
  }

  async #post(ticket: Ticket, fnIndex: number): Promise<void> {
    await this.#tell(ticket.eventId, fnIndex, ticket.call.headers);
  }

  async #tell(eventId: string | null, fnIndex: number, headers: Ticket["call"]["headers"]): Promise<void> {
    const json = { session_hash: this.#sessionHash, fn_index: fnIndex, event_id: eventId };
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), this.#ended.signal]);
      await this.#http.send({ path: `${this.#prefix}cancel`, json, callHeaders: headers, signal, farewell: true });
    } catch {
      // The job is settled already, and the caller is told nothing of a courtesy that failed.
    }
  }

  #forget(lane: Lane, ticket: Ticket): void {
    lane.waiting.delete(ticket);
    this.#settle(ticket);
  }

  #settle(ticket: Ticket): void {
    this.#told.get(ticket)?.();
    this.#told.delete(ticket);
  }
}
