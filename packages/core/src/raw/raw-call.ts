import { catchError, concatMap, defer, finalize, type Observable, switchMap, takeUntil, tap, throwError } from "rxjs";
import type { EndpointInfo } from "../app/endpoints.ts";
import { appError, checkShape, lost } from "../call/app-errors.ts";
import { InputStream } from "../call/input-stream.ts";
import type { CallMessage } from "../call/messages.ts";
import { diagnoseErrors, sendCall } from "../call/send.ts";
import { type Connection, takeRendered } from "../connection.ts";
import { type BoundArguments, endpointAt } from "../data/arguments.ts";
import { copyContainers, type FileSlot, toJson } from "../data/json.ts";
import { loadTransfers } from "../data/load-transfers.ts";
import { CancelledError, InputError, ProtocolError } from "../errors.ts";
import type { CallOptions } from "../options.ts";
import { CallEnd, endOf } from "../protocol/protocol.ts";
import { aborted } from "../timers.ts";
import { applyEdits } from "../wire/diff.ts";

/** A function of the app as raw calls see it. */
export interface RawEndpoint extends EndpointInfo {
  /** Position of the parameter for each input of the function; `null` for a state. */
  slots: readonly (number | null)[];
  /** Number of outputs of the function, states included. */
  outputs: number;
  /** Positions, among these, of the outputs without states. */
  visible: readonly number[];
  /** Whether the function takes a Hub login. */
  login: boolean;
}

/** A call whose data has the form of the wire. */
export interface RawCall extends Pick<CallOptions, "eventData" | "triggerId" | "headers"> {
  /** API name, with or without its slash, or function index. Every function of the app can be called. */
  endpoint: string | number;
  /** Data as the caller gave it. It is copied when the call is made. */
  data: unknown;
  /**
   * Returns one value for each input of the function, states included. Files in them are uploaded. Called again where the app
   * was redeployed. An error that it throws fails the call.
   */
  arrange: (endpoint: RawEndpoint, data: unknown) => readonly unknown[];
}

/** One message of a raw call. */
export type RawMessage =
  /** The app accepted the call. */
  | { kind: "accepted"; eventId: string | null }
  | {
      kind: "estimation" | "process_starts" | "progress" | "log" | "process_generating" | "process_completed";
      /** The message as the app sent it, unchecked. Its output may be a diff. */
      source: Readonly<Record<string, unknown>>;
      /** One value for each output of the function, states included, with diffs applied; `null` for a message without outputs. */
      outputs: readonly unknown[] | null;
      /** Components that the function rendered, unchecked; `undefined` for none. */
      rendered: unknown;
    };

/** A raw call. */
export interface RawRun {
  /**
   * The messages of the call. Cold: subscribing makes the call, once; unsubscribing before the end cancels it. Completes after
   * the function has succeeded. Errors with the typed error; the message of a failed function is emitted before.
   */
  messages$: Observable<RawMessage>;
  /** Cancels the call, whose messages then end with a CancelledError. Resolves when the app has answered. */
  cancel(): Promise<void>;
  /** Sends a chunk to a function whose input is a stream. Resolves when the app has it. */
  send(data: unknown): Promise<void>;
  /** Ends the input of such a function. */
  end(): Promise<void>;
}

/**
 * Prepares a raw call; see {@link RawRun}.
 *
 * @param tracked - controller that ends the call, and a function that must be called when the call has ended.
 */
export function rawRun(
  connection: Connection,
  call: RawCall,
  tracked: { end: AbortController; untrack: () => void },
): RawRun {
  const { end, untrack } = tracked;
  const { current, diagnose, http } = connection;
  const input = new InputStream(
    String(call.endpoint),
    async (chunk) => {
      const { data, files } = bindRaw(connection, call, chunk);
      const { uploadFiles } = await loadTransfers();
      await uploadFiles(files, connection, { signal: end.signal });
      return data;
    },
    end.signal,
  );
  const data = copyContainers(call.data);
  const attempt = (): Observable<RawMessage> => send(connection, call, bindRaw(connection, call, data), { end, input });
  const messages$ = defer(() => {
    const { initialApp } = connection;
    // The arguments are bound at once, so that an invalid call sends nothing.
    const first$ = attempt();
    if (current.isCertain(connection)) return first$;
    return defer(() => current.confirm(connection)).pipe(
      diagnoseErrors(diagnose),
      switchMap(() => (connection.initialApp === initialApp ? first$ : defer(attempt))),
    );
  }).pipe(
    takeUntil(aborted(end.signal, () => endOf(end.signal)?.error ?? end.signal.reason)),
    catchError((error: unknown) => throwError(() => http.settings.secrets.hide(error))),
    finalize(() => {
      input.close();
      untrack();
    }),
  );
  const cancel = async (): Promise<void> => {
    const cancelled = new CallEnd("cancelled", new CancelledError(`The call of ${call.endpoint} was cancelled.`));
    end.abort(cancelled);
    await cancelled.settled;
  };
  return { messages$, cancel, send: (chunk) => input.send(chunk), end: () => input.end() };
}

/** Finds the function, and copies the data of a call or of a chunk. Throws InputError. */
function bindRaw(connection: Connection, { endpoint: named, arrange }: RawCall, given: unknown): BoundArguments {
  const endpoint = endpointAt(connection.app.endpoints, named);
  if (!endpoint) throw new InputError(`The app has no function ${JSON.stringify(named)}.`, { endpoint: String(named) });
  const files: FileSlot[] = [];
  const data: unknown[] = [];
  const names = endpoint.slots.map((slot) => (slot === null ? null : endpoint.parameters[slot]!.name));
  arrange(endpoint, given).forEach((value, at) => {
    const slot = endpoint.slots[at] ?? null;
    const name = names[at] ?? String(at);
    data[at] = null;
    data[at] = toJson(value, {
      name,
      label: `Argument ${name} of ${endpoint.name}`,
      endpoint: endpoint.name,
      acceptsFiles: true,
      dialect: connection.dialect(slot === null ? "" : endpoint.parameters[slot]!.component),
      files,
      replace: (made) => (data[at] = made),
    });
  });
  return { endpoint, data, files, inputNames: names };
}

/** Sends a call whose data is complete. */
function send(
  connection: Connection,
  { eventData, triggerId, headers }: RawCall,
  bound: BoundArguments,
  { end, input }: { end: AbortController; input: InputStream },
): Observable<RawMessage> {
  const { endpoint } = bound;
  const { sessionHash } = connection.protocol;
  const options = { eventData, triggerId, headers };
  const decode = decoder(endpoint.outputs, (text) => connection.http.quote(text));
  return sendCall({ connection, options, end, deadline: Infinity, byName: false }, bound).pipe(
    concatMap((message) => {
      if (message.kind === "accepted") input.open(message.chunks);
      return decode(message);
    }),
    tap((message) => {
      if (message.kind === "accepted" || message.rendered === undefined) return;
      takeRendered(connection, sessionHash, message.rendered);
    }),
  );
}

/**
 * Returns a function that yields the raw messages for a message of a call, and then throws the error that the message stands for.
 *
 * @param outputs - number of outputs of the function.
 * @param quote - returns the part of the app's text that an error may contain.
 */
function decoder(outputs: number, quote: (text: string) => string): (message: CallMessage) => Iterable<RawMessage> {
  let last: readonly unknown[] | null = null;
  return function* decode(message) {
    switch (message.kind) {
      case "accepted":
        yield { kind: "accepted", eventId: message.eventId };
        break;
      case "estimation":
      case "process_starts":
      case "progress":
      case "log":
        yield { kind: message.kind, source: message.source, outputs: null, rendered: undefined };
        break;
      case "process_generating":
      case "process_completed": {
        const { kind, source, output } = message;
        const failure = kind === "process_completed" ? message.failure : null;
        if (!failure) checkShape(output, outputs);
        const { data, rendered } = output;
        const isDiff = kind === "process_generating" && message.diffs && last !== null;
        if (!failure && data) last = isDiff ? data.map((edits, at) => applyEdits(last![at], edits).value) : data;
        yield { kind, source, outputs: failure || !data ? null : last, rendered };
        if (failure) throw appError(failure);
        if (!data && kind === "process_completed") throw new CancelledError("The app cancelled the call.");
        if (!data) throw new ProtocolError("The app sent an output without data.");
        break;
      }
      case "unexpected_error":
        throw lost(message, quote(message.message));
    }
  };
}
