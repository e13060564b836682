import { catchError, defer, finalize, identity, type Observable, switchMap, tap, throwError } from "rxjs";
import { type Connection, takeRendered } from "../connection.ts";
import type { BoundArguments } from "../data/arguments.ts";
import { copyContainers } from "../data/json.ts";
import { loadTransfers } from "../data/load-transfers.ts";
import { ProtocolError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import { CallEnd } from "../protocol/protocol.ts";
import type { CallEvent } from "./messages.ts";
import { decodeMessages } from "./decoder.ts";
import { downloadOutputs } from "./download-outputs.ts";
import { limits } from "./limits.ts";
import { bindCall, canBind, outputMappers, resolveEndpoint, unresolved } from "./prepare.ts";
import { diagnoseErrors, sendCall, type SendRequest } from "./send.ts";
import { startingEvent, terminalStatus } from "./status.ts";

/** One call, and the connection that carries it. */
export interface CallRequest {
  /** A promise while the client is still connecting. */
  connection: Connection | Promise<Connection>;
  /** Endpoint as the caller named it. */
  endpoint: unknown;
  data: unknown;
  options: CallOptions;
  /** Error that the call fails with before anything is sent; `null` where nothing is known to be wrong. */
  fault: unknown;
  /** Aborted with a {@link CallEnd}: `cancel()`, a time limit, the caller's signal, or the client that closes. */
  end: AbortController;
}

/**
 * The pipeline of one call: starting → arguments → uploads → protocol, and retries → events → downloads → time limits →
 * exactly one terminal status.
 *
 * Cold: subscribing makes the call, and reads its data. Unsubscribing before the end cancels it at the app. Completes, or
 * errors with the call's error; the terminal status comes right before.
 */
export function callEvents(request: CallRequest): Observable<CallEvent> {
  return defer(() => {
    const { connection, end, options } = request;
    const unlink = follow(options.signal, end);
    const { timeout = Infinity } = options;
    const deadline = performance.now() + timeout;
    const isConnecting = connection instanceof Promise;
    const resolved = isConnecting ? null : resolveEndpoint(connection, request.endpoint);
    const starting = startingEvent(resolved ?? unresolved(request.endpoint));
    // The arguments are copied before `starting` is emitted: its readers may change them.
    const events$ =
      isConnecting || !canBind(resolved!)
        ? beginLater({ ...request, data: copyContainers(request.data) }, deadline)
        : begin(request, connection, deadline);
    return events$.pipe(
      limits({ timeout }, end, () => null),
      terminalStatus(starting, end.signal, isConnecting ? identity : hidden(connection)),
      options.signal ? finalize(unlink) : identity,
    );
  });
}

/** Returns the events of a call whose arguments cannot be completed yet. */
function beginLater(request: CallRequest, deadline: number): Observable<CallEvent> {
  const { connection, endpoint } = request;
  return defer(() => connected(connection, endpoint)).pipe(
    switchMap((ready) =>
      begin(request, ready, deadline).pipe(catchError((error: unknown) => throwError(() => hidden(ready)(error)))),
    ),
  );
}

/** Returns a function that removes the secrets of a connection from an error. */
function hidden({ http }: Connection): (error: unknown) => unknown {
  return (error) => http.settings.secrets.hide(error);
}

/** Returns the connection when the arguments of a call can be completed. */
async function connected(connection: Connection | Promise<Connection>, endpoint: unknown): Promise<Connection> {
  const ready = await connection;
  if (!canBind(resolveEndpoint(ready, endpoint))) await loadTransfers();
  return ready;
}

/**
 * Returns the events of a call. Its arguments are completed at once; after a redeploy they are completed anew, with the description of the
 * app that runs now.
 */
function begin(request: CallRequest, connection: Connection, deadline: number): Observable<CallEvent> {
  const { current, diagnose, initialApp } = connection;
  if (request.fault !== null || current.isCertain(connection)) return prepare(request, connection, deadline);
  if (current.isRecent(connection) && hasSameMeaningByName(request, connection))
    return beginByName(request, connection, deadline);
  // The arguments may be completed again later: their caller may have changed the data then.
  const kept = { ...request, data: copyContainers(request.data) };
  const events$ = prepare(kept, connection, deadline);
  return defer(() => current.confirm(connection)).pipe(
    diagnoseErrors(diagnose),
    // Another call may have replaced the description since the arguments were completed.
    switchMap(() => (connection.initialApp === initialApp ? events$ : prepare(kept, connection, deadline))),
  );
}

/**
 * Returns the events of a call that the app finds by its name. The app's id is requested at the same time, and the call does not wait for the
 * answer: after a redeploy, the name leads to the same function (PROTOCOL.md, 5.8).
 */
function beginByName(request: CallRequest, connection: Connection, deadline: number): Observable<CallEvent> {
  const { current } = connection;
  const events$ = prepare(request, connection, deadline, true);
  return defer(() => {
    const confirmed = current.confirm(connection).catch(() => undefined);
    return events$.pipe(
      catchError(async (error: unknown): Promise<never> => {
        // The app's answer to an unknown name does not mention the name. The new description shows whether the endpoint exists.
        if (error instanceof ProtocolError) await confirmed;
        else throw error;
        throw resolveEndpoint(connection, request.endpoint).fault ?? error;
      }),
    );
  });
}

/**
 * Whether a call by name passes the caller's values as they are meant, also to an app that was redeployed. Data by parameter name is
 * excluded where the endpoint has more than one parameter, as their order may have changed; so are events, which such a call cannot have.
 */
function hasSameMeaningByName({ endpoint, data, options }: CallRequest, connection: Connection): boolean {
  const { found } = resolveEndpoint(connection, endpoint);
  if (typeof endpoint !== "string" || !found?.callableByName) return false;
  if (options.eventData !== undefined || options.triggerId !== undefined) return false;
  const { length } = found.parameters;
  return Array.isArray(data) ? data.length === length : length <= 1;
}

/** Completes the arguments of a call. Returns its events, or the error that it fails with. */
function prepare(
  request: CallRequest,
  connection: Connection,
  deadline: number,
  byName = false,
): Observable<CallEvent> {
  const { fault, data, options } = request;
  const resolved = resolveEndpoint(connection, request.endpoint);
  try {
    if (fault !== null) throw fault;
    const bound = bindCall(connection, resolved, data, options);
    return run({ ...request, connection, deadline, byName }, bound);
  } catch (error) {
    return throwError(() => error);
  }
}

/** A call whose client is connected. */
interface Run extends CallRequest, SendRequest {
  connection: Connection;
}

/** Returns the events of a call whose arguments are complete, without its first and its last status. */
function run({ connection, options, end, deadline, byName }: Run, bound: BoundArguments): Observable<CallEvent> {
  const { protocol, outputFiles } = connection;
  const { endpoint } = bound;
  const { startTimeout, idleTimeout } = options;
  const { sessionHash } = protocol;
  let lastActivity = (): number | null => null;
  let bytes: number | null = null;
  const target = {
    outputs: endpoint.outputs,
    visible: endpoint.visible,
    mappers: outputMappers(connection, endpoint),
    quote: (text: string) => connection.http.quote(text),
    onRender: (config: unknown) => takeRendered(connection, sessionHash, config),
  };
  return sendCall({ connection, options, end, deadline, byName }, bound).pipe(
    idleTimeout === undefined
      ? identity
      : tap((message) => {
          if (message.kind === "sent") ({ lastActivity } = message);
        }),
    decodeMessages(target, startingEvent({ endpoint: endpoint.name, fnIndex: endpoint.index })),
    outputFiles
      ? downloadOutputs(outputFiles, { idleTimeout: options.idleTimeout, onBytes: () => (bytes = performance.now()) })
      : identity,
    limits({ startTimeout, idleTimeout }, end, () => latest(lastActivity(), bytes)),
  );
}

/** Ends the call when the caller's signal is aborted. Returns a function that removes the listener. */
function follow(signal: AbortSignal | undefined, end: AbortController): () => void {
  const abort = (): void => end.abort(new CallEnd("cancelled", signal!.reason));
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}

/** Returns the later of two times; `null` where both are `null`. */
function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
