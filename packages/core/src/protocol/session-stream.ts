import { BehaviorSubject, Observable } from "rxjs";
import type { WireMessage } from "../wire/messages.ts";
import type { PreparedCall, Protocol } from "./protocol.ts";
import type { StreamState } from "./message-stream.ts";
import { Session, type SessionSettings } from "./session.ts";
import { Ticket } from "./ticket.ts";

/** How the client's event stream is doing. */
export type ConnectionState = StreamState | "closed";

/**
 * The generations `sse_v1` to `sse_v3`: calls are posted, and one event stream of the session brings the messages of
 * them all (PROTOCOL.md, 2.4 and 2.5).
 *
 * It owns the client's session, and those that single calls have for themselves.
 */
export class SessionStream implements Protocol {
  readonly #settings: Omit<SessionSettings, "onState">;
  readonly #state = new BehaviorSubject<ConnectionState>("idle");
  /** The session that new calls belong to. */
  #session: Session;
  /** Sessions of calls that have one for themselves, and former sessions of the client that still have calls. */
  readonly #others = new Set<Session>();

  constructor(hash: string, settings: Omit<SessionSettings, "onState">) {
    this.#settings = settings;
    this.#session = this.#open(hash);
  }

  /** Id of the session that new calls belong to. A secret: who knows it can read what the session receives. */
  get sessionHash(): string {
    return this.#session.hash;
  }

  /** How the session's stream is doing: now, and each change. */
  get state$(): Observable<ConnectionState> {
    return new Observable((subscriber) => {
      // A subject that has completed would keep its last word from those who come late.
      if (this.#state.value === "closed") subscriber.next("closed");
      subscriber.add(this.#state.subscribe(subscriber));
    });
  }

  run(call: PreparedCall): Observable<WireMessage> {
    return new Observable((subscriber) => {
      const session = this.#sessionFor(call);
      const ticket = new Ticket(call, subscriber);
      void session.submit(ticket).then(() => this.#forgetIdle());
      return () => {
        session.leave(ticket);
        this.#forgetIdle();
      };
    });
  }

  /** New calls belong to a fresh session; those on their way end in the old one. */
  reset(): void {
    const former = this.#session;
    this.#session = this.#open(newSessionHash());
    if (this.#state.value !== "idle") this.#state.next("idle");
    former.retire();
    this.#others.add(former);
    this.#forgetIdle();
  }

  /** Ends every session; the app is told of what still runs, for at most `patience` milliseconds. */
  async close(patience: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.all([this.#session, ...this.#others].map((session) => session.close(enough)));
    clearTimeout(timer);
    this.#others.clear();
    this.#state.next("closed");
    this.#state.complete();
  }

  #open(hash: string): Session {
    const session: Session = new Session(hash, {
      ...this.#settings,
      onState: (state) => {
        if (session !== this.#session) this.#forgetIdle();
        else if (this.#state.value !== state) this.#state.next(state);
      },
    });
    return session;
  }

  #sessionFor(call: PreparedCall): Session {
    const apart = call.isolate || (!call.stateful && this.#session.cancels.waits(call.fnIndex));
    if (!apart) return this.#session;
    const session = new Session(newSessionHash(), {
      ...this.#settings,
      heartbeat: false,
      onState: () => this.#forgetIdle(),
    });
    this.#others.add(session);
    return session;
  }

  #forgetIdle(): void {
    for (const session of this.#others) if (session.idle) this.#others.delete(session);
  }
}

/** 128 bits from the platform's cryptographic random source, in hexadecimal. */
export function newSessionHash(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
