import { Observable } from "rxjs";
import type { Target } from "../data/arguments.ts";
import { CancelledError } from "../errors.ts";
import type { CallEvent } from "../events.ts";
import type { CallOptions } from "../options.ts";
import type { CallTies, JoinHeaders, Protocol } from "../protocol/protocol.ts";
import { decode } from "../wire/decoder.ts";
import type { WireMessage } from "../wire/messages.ts";
import { again } from "./again.ts";
import type { Fetching } from "./fetched.ts";
import { limit, untilAborted } from "./limits.ts";

/** Silence that a call bears by default: four heartbeats of the app, in milliseconds. */
const IDLE = 60_000;

/** One call as its caller wrote it, and what it takes to carry it out. */
export interface CallRequest {
  options: CallOptions;
  protocol: Protocol;
  /** Hub token for functions that take one. */
  oauthToken: string | undefined;
  /** Makes the headers that the platform adds where the call is handed over. */
  joinHeaders: JoinHeaders | undefined;
  /** Makes of an error what is behind it; `null` where nobody knows more. */
  explain: ((error: unknown) => Promise<unknown>) | null;
  /** Told what the function has rendered of the app. */
  rendered: (config: unknown) => void;
  /** Finds the endpoint and completes the arguments. Throws InputError. */
  target: () => Target;
  /** Name and index of the endpoint, also for a call that has no target. */
  named: { endpoint: string; fnIndex: number };
  /** Sends the files of the input; resolves with the data that has their references in their places. */
  upload: (target: Target, signal: AbortSignal) => Promise<readonly unknown[]>;
  /** Makes of an output's value on the wire what the caller gets. */
  present: (endpoint: Target["endpoint"]) => ((value: unknown, output: number) => unknown) | undefined;
  /** Fetches the files of outputs before they are told; `undefined` where files stay at the app. */
  fetching: Fetching | undefined;
  /** Aborted with the reason that ends the call: `cancel()`, or the client that closes. */
  ended: AbortSignal;
  ties: CallTies;
}

/**
 * The road of one call: starting → arguments → uploads → protocol, and again → limits → events (→ downloads) → exactly one
 * terminal status.
 *
 * Cold: subscribing makes the call. Unsubscribing before the end cancels it at the app. It completes, or errors with
 * the call's error; the terminal status comes right before.
 */
export function call(request: CallRequest): Observable<CallEvent> {
  return new Observable((subscriber) => {
    const { options, ended, ties, fetching } = request;
    const { at, messages$, beats } = prepare(request);
    // Where the app does not show life by itself, silence means nothing.
    const { timeout, startTimeout, idleTimeout = beats ? IDLE : Infinity } = options;
    const lastLife = fetching ? fetching.lastLife : (): number | null => ties.lastLife();
    const isCancel = (error: unknown): boolean =>
      error instanceof CancelledError || (options.signal?.aborted === true && error === options.signal.reason);
    return (fetching ? fetching.hold(messages$) : messages$)
      .pipe(
        untilAborted(ended),
        untilAborted(options.signal),
        limit({ timeout, startTimeout, idleTimeout }, ties, lastLife),
        decode({ ...at, outbox: fetching?.outbox }, isCancel),
      )
      .subscribe(subscriber);
  });
}

/** Looks for the call's target before anything is sent. One that has none fails where every call fails. */
function prepare(request: CallRequest): {
  at: Parameters<typeof decode>[0];
  messages$: Observable<WireMessage>;
  beats: boolean;
} {
  const { named, rendered, protocol } = request;
  try {
    const target = request.target();
    const { endpoint } = target;
    const { visible, outputs } = endpoint;
    return {
      at: { ...named, visible, outputs, present: request.present(endpoint), rendered },
      messages$: carry(request, target),
      beats: protocol.beats(endpoint),
    };
  } catch (error) {
    const messages$ = new Observable<WireMessage>((subscriber) => subscriber.error(error));
    return { at: { ...named, visible: [], outputs: 0 }, messages$, beats: false };
  }
}

/** Uploads where there is something to upload, then hands the call to its protocol. */
function carry(request: CallRequest, target: Target): Observable<WireMessage> {
  const { protocol, options, ties } = request;
  const { endpoint } = target;
  const run = (data: readonly unknown[]): Observable<WireMessage> => {
    const once$ = protocol.run({
      ...request.named,
      data,
      inputNames: target.inputNames,
      queued: endpoint.joinable,
      stateful: endpoint.stateful,
      isolate: options.isolate === true,
      eventData: options.eventData,
      triggerId: options.triggerId,
      oauthToken: endpoint.login ? request.oauthToken : undefined,
      headers: options.headers,
      joinHeaders: request.joinHeaders,
      ties,
    });
    const { resubmit = false, onQueueFull } = options;
    return once$.pipe(again({ resubmit, waitForRoom: onQueueFull === "wait", explain: request.explain }));
  };
  if (target.files.length === 0) return run(target.data);
  return new Observable((subscriber) => {
    const abort = new AbortController();
    subscriber.add(() => abort.abort());
    subscriber.next({ kind: "uploading", files: target.files.length });
    request.upload(target, abort.signal).then(
      (data) => {
        if (!subscriber.closed) subscriber.add(run(data).subscribe(subscriber));
      },
      (error: unknown) => subscriber.error(error),
    );
  });
}
