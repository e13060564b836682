import { concat, concatMap, defer, finalize, from, Observable, of, switchMap, tap } from "rxjs";
import { AppError, ConnectionError, type GradioError } from "../../errors.ts";
import { isFields } from "../../fields.ts";
import type { Refusal } from "../../http/request.ts";
import {
  type ConnectionState,
  ConnectionStates,
  endOf,
  newSessionHash,
  type PreparedCall,
  type Protocol,
  type ProtocolMessage,
} from "../../protocol/protocol.ts";
import { callBody, refusalOf, submissionHeaders, submissionPath } from "../../protocol/requests.ts";
import { untilSilent } from "../../protocol/silence.ts";
import { parseMessage } from "../../wire/messages.ts";
import type { CallConnection, Connect, PerCallSettings } from "./call-connection.ts";

/** Differences between the generations with a connection per call. */
export interface PerCallWire {
  connect: Connect;
  /** Whether its connections have heartbeats. */
  hasHeartbeat: boolean;
  /** Whether calls of one function in one session share the function's iterator: then no two of them may run at once. */
  sharesIterators: boolean;
}

/**
 * The generations before `sse_v1`: every call has a connection of its own, whose end is the end of the call
 * (PROTOCOL.md, 2.2 and 2.3). An app without a queue is called directly.
 */
export class PerCallProtocol implements Protocol {
  readonly #settings: PerCallSettings;
  readonly #wire: PerCallWire;
  readonly #states = new ConnectionStates();
  #hash: string;
  #connections = 0;
  /** Functions of which a call was left before its end, by session and index: the app may keep its iterator. */
  readonly #left = new Set<string>();
  /** The last call of each function in the client's session, by session and index. */
  readonly #last = new Map<string, Promise<void>>();
  /** Resets under way. */
  readonly #resets = new Set<Promise<unknown>>();

  constructor(hash: string, settings: PerCallSettings, wire: PerCallWire) {
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

  run(call: PreparedCall, signal: AbortSignal): Observable<ProtocolMessage> {
    return defer(() => {
      const { sessionHash, previous } = this.#sessionFor(call);
      let reset: Promise<unknown> | undefined;
      let end: (work: Promise<unknown> | undefined) => void = () => undefined;
      const ended = new Promise<unknown>((resolve) => (end = resolve));
      // A call that leaves while it waits does not let the next one pass those before it.
      this.#append(`${sessionHash} ${call.fnIndex}`, Promise.all([previous, ended]));
      const messages$ = defer(() => this.#connect(call, sessionHash, (work) => void (reset = work)));
      return (previous ? from(previous).pipe(switchMap(() => messages$)) : messages$).pipe(
        // The teardown of the connection comes first, and may send a reset.
        finalize(() => {
          if (reset) endOf(signal)?.waitUntil(reset);
          end(reset);
        }),
      );
    });
  }

  reset(): void {
    this.#hash = newSessionHash();
  }

  async close(timeout: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expired = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
    await Promise.race([Promise.all(this.#resets), expired]);
    clearTimeout(timer);
    this.#states.close();
  }

  #append(key: string, ended: Promise<unknown>): void {
    const last = ended.then(() => {
      if (this.#last.get(key) === last) this.#last.delete(key);
    });
    this.#last.set(key, last);
  }

  /** Returns the session of a call, and the end of the call that has to end there first. */
  #sessionFor(call: PreparedCall): { sessionHash: string; previous: Promise<void> | undefined } {
    if (call.isolate) return { sessionHash: newSessionHash(), previous: undefined };
    const key = `${this.#hash} ${call.fnIndex}`;
    const previous = this.#wire.sharesIterators ? this.#last.get(key) : undefined;
    const isBusy = previous !== undefined || this.#left.has(key);
    if (isBusy && !call.stateful) return { sessionHash: newSessionHash(), previous: undefined };
    return { sessionHash: this.#hash, previous };
  }

  #connect(
    call: PreparedCall,
    sessionHash: string,
    onReset: (work: Promise<unknown>) => void,
  ): Observable<ProtocolMessage> {
    this.#settings.http.settings.secrets.add(sessionHash);
    let lastByte = performance.now();
    let isLost = false;
    let hasEnded = false;
    if (this.#connections++ === 0) this.#states.set("connecting");
    const { app } = this.#settings;
    const connection: CallConnection = {
      ...this.#settings,
      sessionHash,
      onActivity: () => {
        app.seen((lastByte = performance.now()));
        this.#states.set("open");
      },
      waitUntil: (work) => {
        onReset(work);
        this.#resets.add(work);
        void work.then(() => this.#resets.delete(work));
      },
    };
    const connected$ = call.queued
      ? new Observable<ProtocolMessage>((subscriber) => this.#wire.connect(call, connection, subscriber))
      : direct(call, connection);
    // Without heartbeats, silence does not show a failure.
    const isWatched = call.queued && this.#wire.hasHeartbeat;
    const messages$ = isWatched
      ? untilSilent(connected$, { lastByte: () => lastByte, confirm: () => app.confirm() })
      : connected$;
    return concat(of<ProtocolMessage>({ kind: "sent", lastActivity: () => lastByte }), messages$).pipe(
      tap({
        error: (error: unknown) => {
          isLost = error instanceof ConnectionError;
          if (isLost) app.doubt();
          hasEnded = true;
        },
        complete: () => (hasEnded = true),
      }),
      finalize(() => {
        if (!hasEnded && this.#wire.sharesIterators) this.#left.add(`${sessionHash} ${call.fnIndex}`);
        if (--this.#connections === 0) this.#states.set(isLost ? "lost" : "idle");
      }),
    );
  }
}

/**
 * Calls a function outside the queue (PROTOCOL.md, 5.6): one request, whose response is the output. A generator's response is its first
 * output. There is no progress and no log, and a function that has begun runs to its end.
 */
function direct(
  call: PreparedCall,
  { http, prefix, traits, sessionHash, onActivity }: CallConnection,
): Observable<ProtocolMessage> {
  return defer(() => {
    const abort = new AbortController();
    let failure: unknown;
    const toError = (answer: Refusal): GradioError | undefined => {
      if (answer.status !== 500 || !isFields(answer.body) || !("error" in answer.body)) return refusalOf(answer, call);
      failure = answer.body;
      return new AppError("The app's function failed.");
    };
    const completed = (output: unknown, success: boolean): ProtocolMessage[] => [
      { kind: "accepted", eventId: null, chunks: null },
      parseMessage({ msg: "process_completed", event_id: "", output, success }, traits),
    ];
    const send = async (): Promise<ProtocolMessage[]> => {
      const request = {
        path: submissionPath(`${prefix}run/predict`, call),
        json: callBody(call, sessionHash),
        headers: await submissionHeaders(call),
        callHeaders: call.headers,
        signal: abort.signal,
        timed: false,
        isOutput: true,
        toError,
      };
      try {
        return completed((await http.send(request)).body, true);
      } catch (error) {
        if (failure === undefined) throw error;
        return completed(failure, false);
      }
    };
    return from(send()).pipe(
      tap(onActivity),
      concatMap((messages) => messages),
      finalize(() => abort.abort()),
    );
  });
}
