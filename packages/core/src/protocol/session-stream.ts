import { Observable } from "rxjs";
import { type ConnectionState, ConnectionStates } from "./connection-state.ts";
import type { PreparedCall, Protocol, ProtocolMessage } from "./protocol.ts";
import { newSessionHash } from "./session-hash.ts";
import { Session, type SessionSettings } from "./session.ts";
import { Ticket } from "./ticket.ts";

/**
 * The generations `sse_v1` to `sse_v3`: calls are posted, and one event stream of the session brings the messages of
 * them all (PROTOCOL.md, 2.4 and 2.5).
 *
 * It owns the client's session, and those that single calls have for themselves.
 */
export class SessionStream implements Protocol {
  readonly #settings: Omit<SessionSettings, "onState">;
  readonly #states = new ConnectionStates();
  /** The session that new calls belong to. */
  #session: Session;
  /** Sessions of calls that have one for themselves, and former sessions of the client that still have calls. */
  readonly #others = new Set<Session>();
  /** Where calls run again whose first run was lost; `null` while there was none. */
  #refuge: Session | null = null;

  constructor(hash: string, settings: Omit<SessionSettings, "onState">) {
    this.#settings = settings;
    this.#session = this.#open(hash);
  }

  get sessionHash(): string {
    return this.#session.hash;
  }

  get state$(): Observable<ConnectionState> {
    return this.#states.state$;
  }

  beats(): boolean {
    return true;
  }

  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage> {
    return new Observable((subscriber) => {
      const session = call.attempt > 1 && !call.stateful ? this.#sessionAfter(call) : this.#sessionFor(call);
      const ticket = new Ticket(call, subscriber, signal);
      void session.submit(ticket).then(() => this.#forgetIdle());
      return () => {
        session.leave(ticket);
        this.#forgetIdle();
      };
    });
  }

  reset(): void {
    const former = this.#session;
    this.#session = this.#open(newSessionHash());
    this.#states.set("idle");
    former.retire();
    this.#others.add(former);
    this.#forgetIdle();
  }

  async close(patience: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.all([this.#session, ...this.#others].map((session) => session.close(enough)));
    clearTimeout(timer);
    this.#others.clear();
    this.#states.close();
  }

  #open(hash: string, more?: { heartbeat: false }): Session {
    const session: Session = new Session(hash, {
      ...this.#settings,
      ...more,
      onState: (state) => {
        if (session !== this.#session) this.#forgetIdle();
        else this.#states.set(state);
      },
    });
    return session;
  }

  #sessionFor(call: PreparedCall): Session {
    const apart = call.isolate || (!call.stateful && this.#session.cancels.waits(call.fnIndex));
    return apart ? this.#openApart() : this.#session;
  }

  /**
   * The session of a call that runs again. In one that lost its stream the app may yet sweep away what has joined since, however
   * late it notices the loss (PROTOCOL.md, 2.6): only in another one nothing is left of it.
   */
  #sessionAfter(call: PreparedCall): Session {
    if (call.isolate || !this.#session.lost) return this.#sessionFor(call);
    if (!this.#refuge || this.#refuge.lost || !this.#others.has(this.#refuge)) this.#refuge = this.#openApart();
    return this.#refuge;
  }

  #openApart(): Session {
    const session = this.#open(newSessionHash(), { heartbeat: false });
    this.#others.add(session);
    return session;
  }

  #forgetIdle(): void {
    for (const session of this.#others) if (session.idle) this.#others.delete(session);
  }
}
