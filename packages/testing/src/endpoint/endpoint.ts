import type { Component } from "./component.ts";

/**
 * A function behind an endpoint. It receives one argument for each input and then a `CallContext`.
 *
 * It may be async. A generator, async or not, streams: each value it yields is sent as it comes.
 */
export type EndpointFunction = (...args: never[]) => unknown;

/** What a validator says of one input. */
export interface Validity {
  isValid: boolean;
  /** Shown to the user beside the input. Default `""`. */
  message?: string;
}

/** All that an endpoint may be told. */
export interface EndpointOptions {
  /** The components whose values the function receives. Default: one for each parameter of `fn`, of any value. */
  inputs?: readonly Component[];
  /** The components that its result goes to. With one, the result is its value; with several, an array. Default: one of any value. */
  outputs?: readonly Component[];
  /** Left out, or with `backendFn: false`, the endpoint exists on the page only; calling it fails. */
  fn?: EndpointFunction;
  /** Names of the parameters, in the order of `inputs`, states included. Default: those of `fn`. */
  parameters?: readonly string[];
  /** Whether pages call it through the queue. Default `true`. It may be joined all the same. */
  queue?: boolean;
  /** The function receives an array for each input, one element for each job, and returns such arrays. Default `false`. */
  batch?: boolean;
  /** Jobs in one batch. Default 4. */
  maxBatchSize?: number;
  /** Jobs of this function that run at once; `null` = no limit. Default: the app's `defaultConcurrencyLimit`. */
  concurrencyLimit?: number | null;
  /** Endpoints of one name share the lowest of their limits. Default: endpoints of the same function do. */
  concurrencyId?: string;
  /** `"undocumented"`: callable, absent from `/info` unless asked for; `"private"`: never in `/info`. Default `"public"`. */
  apiVisibility?: "public" | "undocumented" | "private";
  /** Names of the endpoints whose jobs this one cancels. */
  cancels?: readonly string[];
  /** `"stream"`: the job goes on receiving input until it is closed. Default `"sse"`. */
  connection?: "sse" | "stream";
  /** Seconds that a streaming job may run in all. Default: no limit. */
  timeLimit?: number | null;
  /** `false`: only the page's JavaScript runs. Default: whether there is an `fn`. */
  backendFn?: boolean;
  /** Judges the inputs before the job is taken; one `Validity` for each input, or a single one. It may throw. */
  validator?: (...args: never[]) => Validity | Validity[] | Promise<Validity | Validity[]>;
  /** Queued calls with inputs that have been answered before are answered at once, without a turn; plain functions only. Default `false`. */
  cache?: boolean;
  /** The endpoint's description in `/info`. */
  description?: string;
}

/** An endpoint as {@link endpoint} makes it. */
export interface Endpoint extends EndpointOptions {
  readonly kind: "endpoint";
}

/** What an app maps a name to. */
export type EndpointValue = EndpointFunction | Endpoint;

/**
 * An endpoint with components, limits and all else that a plain function cannot tell.
 *
 * @example
 * const count = state(0);
 * createApp({
 *   "/add": endpoint({
 *     inputs: [number("step", { value: 1 }), count],
 *     outputs: [number("sum"), count],
 *     fn: (step: number, sum: number) => [sum + step, sum + step],
 *   }),
 * });
 */
export function endpoint(options: EndpointOptions): Endpoint {
  return { ...options, kind: "endpoint" };
}
