import { Observable } from "rxjs";
import {
  type ConnectionState,
  ConnectionStates,
  newSessionHash,
  type PreparedCall,
  type Protocol,
  type ProtocolMessage,
} from "../../protocol/protocol.ts";
import { Session, type SessionSettings } from "../../protocol/session.ts";

/**
 * The generations `sse_v1` to `sse_v3`: calls are posted, and one event stream per session brings the messages of all its calls
 * (PROTOCOL.md, 2.4 and 2.5).
 *
 * It owns the client's session, and the sessions that single calls have for themselves.
 */
export class SessionProtocol implements Protocol {
  readonly #settings: SessionSettings;
  readonly #states = new ConnectionStates();
  /** The session of new calls. */
  #session: Session;
  /** Sessions of single calls, and former sessions of the client that still have calls. */
  readonly #others = new Set<Session>();
  /** The session of calls that run again after a loss; `null` before the first. */
  #retrySession: Session | null = null;

  constructor(hash: string, settings: SessionSettings) {
    this.#settings = settings;
    this.#session = this.#open(hash, settings);
  }

  get sessionHash(): string {
    return this.#session.hash;
  }

  get state$(): Observable<ConnectionState> {
    return this.#states.state$;
  }

  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage> {
    return new Observable((subscriber) => {
      const session = this.#sessionFor(call);
      const active = session.submit(call, subscriber);
      return () => session.leave(active, signal);
    });
  }

  reset(): void {
    const former = this.#session;
    this.#session = this.#open(newSessionHash(), this.#settings);
    this.#states.set("idle");
    this.#others.add(former);
    former.retire();
  }

  async close(timeout: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expired = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
    await Promise.all([this.#session, ...this.#others].map((session) => session.close(expired)));
    clearTimeout(timer);
    this.#others.clear();
    this.#states.close();
  }

  #open(hash: string, settings: SessionSettings): Session {
    const session: Session = new Session(hash, settings, {
      onState: (state) => {
        if (session === this.#session) this.#states.set(state);
      },
      onIdle: () => this.#others.delete(session),
    });
    return session;
  }

  #sessionFor(call: PreparedCall): Session {
    if (call.isolate) return this.#openAnother();
    // The app may sweep away what joins a session that lost its stream, however late it notices the loss (PROTOCOL.md, 2.6).
    const isRetry = call.attempt > 1 && !call.stateful && this.#session.hasLostCalls;
    return isRetry ? this.#sessionForRetries() : this.#session;
  }

  #sessionForRetries(): Session {
    const session = this.#retrySession;
    if (session && !session.hasLostCalls && this.#others.has(session)) return session;
    return (this.#retrySession = this.#openAnother());
  }

  #openAnother(): Session {
    const session = this.#open(newSessionHash(), { ...this.#settings, heartbeat: false });
    this.#others.add(session);
    return session;
  }
}
