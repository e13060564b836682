import { Observable } from "rxjs";
import { ConnectionError } from "../errors.ts";
import type { CallStream, CallStreamSettings, Carry } from "./carry.ts";
import { type ConnectionState, ConnectionStates } from "./connection-state.ts";
import { direct } from "./direct.ts";
import { endOf, type PreparedCall, type Protocol, type ProtocolMessage } from "./protocol.ts";
import { newSessionHash } from "./session-hash.ts";

/** How a generation carries its calls. */
export interface CallStreamWire {
  carry: Carry;
  /** Whether its streams have a heartbeat. */
  beats: boolean;
  /**
   * Whether calls of one function in one session share the function's iterator: then no two of them may run at once.
   */
  sharesIterators: boolean;
}

/**
 * The generations before `sse_v1`: every call has a connection of its own, whose end is the end of the call
 * (PROTOCOL.md, 2.2 and 2.3); where the app has no queue, functions are called directly.
 */
export class CallStreams implements Protocol {
  readonly #settings: CallStreamSettings;
  readonly #wire: CallStreamWire;
  readonly #states = new ConnectionStates();
  #hash: string;
  #open = 0;
  /** Functions of which a call was left before its end: the app may not have noticed, and keep its iterator. */
  readonly #left = new Set<string>();
  /** The last call of each function that is on its way in the client's session. */
  readonly #last = new Map<string, Promise<void>>();
  /** Cancels on their way to the app. */
  readonly #telling = new Set<Promise<void>>();

  constructor(hash: string, settings: CallStreamSettings, wire: CallStreamWire) {
    this.#hash = hash;
    this.#settings = settings;
    this.#wire = wire;
  }

  get sessionHash(): string {
    return this.#hash;
  }

  get state$(): Observable<ConnectionState> {
    return this.#states.state$;
  }

  beats({ queued }: { queued: boolean }): boolean {
    return queued && this.#wire.beats;
  }

  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage> {
    return new Observable((subscriber) => {
      const { sessionHash, turn } = this.#place(call);
      let told = Promise.resolve();
      const telling = (request: Promise<void>): void => {
        told = request;
        endOf(signal)?.waitUntil(request);
        this.#telling.add(request);
        void request.then(() => this.#telling.delete(request));
      };
      const start = (): void => {
        if (!subscriber.closed) subscriber.add(this.#carry(call, { sessionHash, telling }).subscribe(subscriber));
      };
      if (turn) void turn.then(start);
      else start();
      const key = `${sessionHash} ${call.fnIndex}`;
      const ended = new Promise<void>((resolve) => subscriber.add(resolve));
      // One that leaves while it waits does not let the next one pass those before it.
      const last = Promise.all([turn, ended.then(() => told)]).then(
        () => void (this.#last.get(key) === last && this.#last.delete(key)),
      );
      this.#last.set(key, last);
    });
  }

  reset(): void {
    this.#hash = newSessionHash();
  }

  async close(patience: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise((resolve) => (timer = setTimeout(resolve, patience)));
    await Promise.race([Promise.all(this.#telling), enough]);
    clearTimeout(timer);
    this.#states.close();
  }

  /** Which session a call belongs to, and what it has to wait for there. */
  #place(call: PreparedCall): { sessionHash: string; turn: Promise<void> | undefined } {
    if (call.isolate) return { sessionHash: newSessionHash(), turn: undefined };
    const key = `${this.#hash} ${call.fnIndex}`;
    const running = this.#wire.sharesIterators ? this.#last.get(key) : undefined;
    const apart = !call.stateful && (running !== undefined || this.#left.has(key));
    return apart ? { sessionHash: newSessionHash(), turn: undefined } : { sessionHash: this.#hash, turn: running };
  }

  #carry(
    call: PreparedCall,
    { sessionHash, telling }: Pick<CallStream, "sessionHash" | "telling">,
  ): Observable<ProtocolMessage> {
    return new Observable((subscriber) => {
      let last = performance.now();
      subscriber.next({ kind: "sent", lastLife: () => last });
      const alive = (): void => {
        last = performance.now();
        this.#states.set("open");
      };
      if (this.#open++ === 0) this.#states.set("connecting");
      let lost = false;
      let ended = false;
      const carry = call.queued ? this.#wire.carry : direct;
      const messages$ = carry(call, { ...this.#settings, sessionHash, alive, telling });
      const subscription = messages$.subscribe({
        next: (message) => subscriber.next(message),
        error: (error: unknown) => {
          lost = error instanceof ConnectionError;
          ended = true;
          subscriber.error(error);
        },
        complete: () => {
          ended = true;
          subscriber.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        if (!ended && this.#wire.sharesIterators) this.#left.add(`${sessionHash} ${call.fnIndex}`);
        if (--this.#open === 0) this.#states.set(lost ? "lost" : "idle");
      };
    });
  }
}
