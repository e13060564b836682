import type { Http } from "../http/request.ts";
import type { WireMessage } from "../wire/messages.ts";
import { later } from "../timers.ts";
import { reset } from "./reset.ts";
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

/** What the cancels of a session depend on. */
export interface CancelSettings {
  http: Http;
  /** What stands before every path of the app's API. */
  prefix: string;
  /** What the app's cancel can do. */
  traits: Pick<Traits, "cancels" | "dequeues">;
}

/**
 * Cancels calls of one session at the app, so that no sibling is hit.
 *
 * Gradio's cancel stops every running job of the function in the session, whatever id it names (PROTOCOL.md, 5.1).
 * Hence: a queued call is cancelled with a function index that fits no task; a running one waits until no sibling of
 * its function may be running; and while such a cancel travels, new calls of that function are held back.
 */
export class Cancels {
  readonly #settings: CancelSettings;
  readonly #sessionHash: string;
  readonly #siblings: ReadonlySet<Ticket>;
  readonly #onTold: (ticket: Ticket) => void;
  readonly #lanes = new Map<number, Lane>();
  /** Aborted when the session ends: nothing travels any longer. */
  readonly #ended = new AbortController();
  /** While the client closes, everything in the session is being cancelled: nobody is spared. */
  closing = false;

  /**
   * @param siblings - the calls of the session.
   * @param onTold - called when the app has answered a cancel, or was given up.
   */
  constructor(
    settings: CancelSettings,
    sessionHash: string,
    siblings: ReadonlySet<Ticket>,
    onTold: (ticket: Ticket) => void,
  ) {
    this.#settings = settings;
    this.#sessionHash = sessionHash;
    this.#siblings = siblings;
    this.#onTold = onTold;
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
      const timer = setTimeout(resolve, PATIENCE);
      ticket.told = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Does what can be done now for a call that nobody wants any more. To be called again when its phase changes. */
  pursue(ticket: Ticket): void {
    const { cancels, dequeues } = this.#settings.traits;
    const { phase, call } = ticket;
    if (!cancels) void this.#reset(ticket);
    else if (ticket.over) ticket.told();
    else if (phase === "queued" || (phase === "accepted" && !this.closing)) {
      // It cannot be taken out of the queue: it is stopped as soon as it starts.
      if (!dequeues) ticket.told();
      else if (phase === "queued") void this.#removeFromQueue(ticket);
      // Its first message, which tells queued from running, comes at once; unless its stream brings none.
      else later(() => ticket.phase === "accepted" && void this.#removeFromQueue(ticket), FIRST_MESSAGE);
    } else if (ticket.eventId !== null) {
      const lane = this.#lane(call.fnIndex);
      if (!lane.travelling.has(ticket)) lane.waiting.add(ticket);
      this.turn(call.fnIndex);
    }
  }

  /** Sends the cancels that waited for siblings of this function, if their turn has come. */
  turn(fnIndex: number): void {
    const lane = this.#lanes.get(fnIndex);
    if (!lane || lane.gate) return;
    if (lane.waiting.size === 0) this.#lanes.delete(fnIndex);
    else if (!this.closing && this.#wouldHit(fnIndex)) for (const ticket of lane.waiting) ticket.told();
    else {
      lane.travelling = lane.waiting;
      lane.waiting = new Set();
      lane.gate = this.#stop(lane, fnIndex);
    }
  }

  /** Takes note of what a message says about the cancels on their way. */
  notice(ticket: Ticket, message: WireMessage): void {
    const lane = this.#lanes.get(ticket.call.fnIndex);
    if (!lane) return;
    // A call that starts while a cancel travels may be hit, unless the cancel is known to have done its work before.
    if (message.kind === "process_starts" && lane.travelling.size > 0 && ticket.live) ticket.suspect = true;
    const byCancel = message.kind === "process_completed" && !message.failure && message.output.data === null;
    if (byCancel) lane.travelling.delete(ticket);
  }

  /** The call has ended, or is gone with its stream: there is nothing left to tell, and it shields no sibling. */
  abandon(ticket: Ticket): void {
    const { fnIndex } = ticket.call;
    this.#lanes.get(fnIndex)?.waiting.delete(ticket);
    ticket.told();
    this.turn(fnIndex);
  }

  /** Tells the app of calls that were lost: else it would take them for pending, for ever. There must be a reader just now. */
  lay(eventIds: readonly string[]): void {
    if (this.#settings.traits.cancels) for (const eventId of eventIds) void this.#tell(eventId, -1, undefined);
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
    for (const ticket of this.#siblings) {
      if (!ticket.live || !ticket.mayRun || ticket.call.fnIndex !== fnIndex) continue;
      // If it does not start, nothing else will say so.
      if (ticket.phase === "queued") later(() => this.turn(fnIndex), STARTING);
      return true;
    }
    return false;
  }

  /** With an index that fits no task, the app takes the id out of its queue and stops nobody. */
  async #removeFromQueue(ticket: Ticket): Promise<void> {
    if (ticket.asked) return;
    ticket.asked = true;
    await this.#tell(ticket.eventId, -1, ticket.call.headers);
    // The start may have crossed the cancel; then its own message has set off the true one.
    if (ticket.phase === "running") return;
    ticket.told();
    this.#onTold(ticket);
  }

  /** Before 4.31 a generator that runs is stopped by its id alone, whatever becomes of its stream. */
  async #reset(ticket: Ticket): Promise<void> {
    if (ticket.phase === "running" && !ticket.asked) {
      ticket.asked = true;
      await reset(this.#settings, ticket.call, { event_id: ticket.eventId });
    }
    ticket.told();
  }

  async #stop(lane: Lane, fnIndex: number): Promise<void> {
    const stopped = [...lane.travelling];
    await Promise.all(stopped.map((ticket) => this.#tell(ticket.eventId, fnIndex, ticket.call.headers)));
    for (const ticket of stopped) {
      ticket.told();
      this.#onTold(ticket);
    }
    lane.travelling.clear();
    lane.gate = null;
    this.turn(fnIndex);
  }

  async #tell(eventId: string | null, fnIndex: number, callHeaders: Ticket["call"]["headers"]): Promise<void> {
    const { http, prefix } = this.#settings;
    const json = { session_hash: this.#sessionHash, fn_index: fnIndex, event_id: eventId };
    const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE), this.#ended.signal]);
    // The job is settled already, and the caller is told nothing of a courtesy that failed.
    await http.send({ path: `${prefix}cancel`, json, callHeaders, signal, keepalive: true }).catch(() => undefined);
  }
}
