import { defer, type Observable, switchMap } from "rxjs";
import type { Connection } from "../connection.ts";
import type { BoundArguments } from "../data/arguments.ts";
import { InputError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import type { CallMessage } from "./messages.ts";
import { resolveEndpoint, uploadThenSend } from "./prepare.ts";
import { diagnoseErrors, retryCall } from "./retry-call.ts";

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
