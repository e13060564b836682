import {
  catchError,
  defer,
  finalize,
  from,
  merge,
  type Observable,
  retry,
  Subject,
  switchMap,
  tap,
  throwError,
  timer,
} from "rxjs";
import type { Connection } from "../connection.ts";
import type { BoundArguments } from "../data/arguments.ts";
import { ConnectionError, InputError, QueueFullError, SessionLostError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import { backOff } from "../timers.ts";
import type { CallMessage } from "./messages.ts";
import { resolveEndpoint, uploadThenSend } from "./prepare.ts";

/** A call that is to be sent, and the connection that carries it. */
export interface SendRequest {
  connection: Connection;
  options: CallOptions;
  /** Aborted with a `CallEnd` when the caller, a time limit or the client ends the call. */
  end: AbortController;
  /** End of the call's time, by `performance.now()`. */
  deadline: number;
  /** Whether the app finds the function by its name; see {@link PreparedCall.byName}. */
  byName: boolean;
}

/**
 * Uploads the files of a call whose arguments are complete, sends it, and sends it again where its options allow that.
 *
 * @returns the messages of the call. Unsubscribing before the end cancels it at the app.
 */
export function sendCall(
  { connection, options, end, deadline, byName }: SendRequest,
  bound: BoundArguments,
): Observable<CallMessage> {
  const { protocol, diagnose, oauthToken, joinHeaders, query } = connection;
  const { endpoint } = bound;
  const { resubmit = false } = options;
  const send = (data: readonly unknown[]): Observable<CallMessage> => {
    const call = {
      endpoint: endpoint.name,
      fnIndex: endpoint.index,
      byName,
      data,
      inputNames: bound.inputNames,
      queued: endpoint.joinable,
      stateful: endpoint.stateful,
      isolate: options.isolate === true,
      eventData: options.eventData,
      triggerId: options.triggerId,
      oauthToken: endpoint.login ? oauthToken : undefined,
      headers: options.headers,
      joinHeaders,
      query,
      deadline,
    };
    const runOnce = (attempt: number): Observable<CallMessage> => {
      if (attempt === 1) return protocol.run({ ...call, attempt }, end.signal);
      return defer(() => indexAfterLoss(connection, bound)).pipe(
        switchMap((fnIndex) => protocol.run({ ...call, fnIndex, byName: false, attempt }, end.signal)),
      );
    };
    return retryCall(runOnce, { resubmit, waitForRoom: options.onQueueFull === "wait" });
  };
  return uploadThenSend(bound, connection, options, send).pipe(diagnoseErrors(diagnose));
}

/**
 * Returns the function index of a call that runs again: a restarted app may have its functions in another order.
 *
 * @throws InputError where the endpoint no longer exists, or has other parameters.
 */
async function indexAfterLoss(connection: Connection, { endpoint }: BoundArguments): Promise<number> {
  await connection.current.confirm(connection);
  const { found, fault } = resolveEndpoint(connection, endpoint.name);
  if (!found) throw fault;
  const names = ({ parameters }: typeof endpoint): string => JSON.stringify(parameters.map(({ name }) => name));
  if (names(found) === names(endpoint)) return found.index;
  throw new InputError(`The app was redeployed, and ${endpoint.name} now has other parameters. Call it again.`, {
    endpoint: endpoint.name,
  });
}

/** Conditions under which a failed call is sent again. */
export interface RetryCallOptions {
  /** Whether the call may run more than once: it is sent again when its connection broke. */
  resubmit: boolean;
  /** Whether the call waits for room in a full queue. */
  waitForRoom: boolean;
}

/** Losses in a row without an output after which a call that may run again fails. */
const MAX_LOSSES = 3;
/** Back-off between two runs, in milliseconds; see {@link backOff}. */
const MIN_DELAY = 300;
const MAX_DELAY = 8_000;

/**
 * Subscribes to a run of a call, and to another one where the options allow it: after a loss, or while the app's queue is
 * full. A message (`resubmitted`, `queue_full`) is emitted before each further run. Unsubscribing also ends the wait.
 *
 * @param run - makes the run with a number, from 1.
 * @returns the messages of all runs. Errors with the last run's error.
 */
export function retryCall(
  run: (attempt: number) => Observable<CallMessage>,
  { resubmit, waitForRoom }: RetryCallOptions,
): Observable<CallMessage> {
  if (!resubmit && !waitForRoom) return run(1);
  return defer(() => {
    const notices = new Subject<CallMessage>();
    let attempt = 0;
    let losses = 0;
    let full = 0;
    /**
     * Counts a failure. Returns the message that announces another run, and the number of failures that its delay depends on; `null` where
     * the call fails.
     */
    const next = (error: unknown): { kind: "resubmitted" | "queue_full"; failures: number } | null => {
      const isLoss = error instanceof ConnectionError || error instanceof SessionLostError;
      if (resubmit && isLoss && ++losses < MAX_LOSSES) return { kind: "resubmitted", failures: losses };
      return waitForRoom && error instanceof QueueFullError ? { kind: "queue_full", failures: ++full } : null;
    };
    const runs = defer(() => run(++attempt)).pipe(
      // `resetOnSuccess` of `retry` would reset with the first message of any kind: only an output counts.
      tap(({ kind }) => {
        if (kind === "process_generating") losses = 0;
      }),
      retry({
        delay: (error: unknown) => {
          const again = next(error);
          if (!again) return throwError(() => error);
          notices.next({ kind: again.kind });
          return timer(backOff(again.failures, MIN_DELAY, MAX_DELAY));
        },
      }),
      finalize(() => notices.complete()),
    );
    return merge(notices, runs);
  });
}

/** Replaces the error of a call by its cause, such as a Space that no longer runs. Without `diagnose` it changes nothing. */
export function diagnoseErrors<T>(
  diagnose: ((error: unknown) => Promise<unknown>) | null,
): (source: Observable<T>) => Observable<T> {
  return (source) =>
    diagnose
      ? source.pipe(
          catchError((error: unknown) => from(diagnose(error)).pipe(switchMap((known) => throwError(() => known)))),
        )
      : source;
}
