import type { Component } from "./component.ts";

/**
 * The function of an endpoint. It receives one argument for each input, and then a `CallContext`.
 *
 * It may be async. Each value that a generator or an async generator yields is sent at once.
 */
export type EndpointFunction = (...args: never[]) => unknown;

/** Result of a validator for one input. */
export interface Validity {
  isValid: boolean;
  /** Shown to the user beside the input. Default `""`. */
  message?: string;
}

/** Options of an endpoint. */
export interface EndpointOptions {
  /** Components of the arguments. Default: one that takes any value for each parameter of `fn`. */
  inputs?: readonly Component[];
  /** Components of the result. For one component the result is its value, for several it is an array of values. Default: one that takes any value. */
  outputs?: readonly Component[];
  /** Function of the endpoint. Without it, or with `backendFn: false`, the endpoint exists on the page only and calls fail. */
  fn?: EndpointFunction;
  /** Names of the parameters in the order of `inputs`, states included. Default: the names in the source text of `fn`. */
  parameters?: readonly string[];
  /** Whether pages call it through the queue. Default `true`. `/queue/join` accepts calls in either case. */
  queue?: boolean;
  /** Whether the function handles several jobs at once: it receives and returns arrays with one element per job. Default `false`. */
  batch?: boolean;
  /** Maximum number of jobs in one batch. Default 4. */
  maxBatchSize?: number;
  /** Maximum number of jobs of this function that run at once; `null`: no limit. Default: `defaultConcurrencyLimit` of the app. */
  concurrencyLimit?: number | null;
  /** Endpoints with the same id share the lowest of their limits. Default: endpoints with the same function share it. */
  concurrencyId?: string;
  /** `"undocumented"`: in `/info` only with `all_endpoints=true`; `"private"`: not in `/info`. Default `"public"`. */
  apiVisibility?: "public" | "undocumented" | "private";
  /** Names of the endpoints whose jobs this endpoint cancels. */
  cancels?: readonly string[];
  /** `"stream"`: the job receives input until it is closed. Default `"sse"`. */
  connection?: "sse" | "stream";
  /** Maximum run time of a streaming job in seconds. Default: no limit. */
  timeLimit?: number | null;
  /** Whether the server runs `fn`; `false`: only JavaScript on the page runs. Default: `true` if `fn` is given. */
  backendFn?: boolean;
  /** Checks the inputs before a job is accepted. Returns one `Validity` for each input, or a single one; may throw. */
  validator?: (...args: never[]) => Validity | Validity[] | Promise<Validity | Validity[]>;
  /** Whether results are cached by input, so that a queued call with known input completes without running. Plain functions only. Default `false`. */
  cache?: boolean;
  /** Description in `/info`. */
  description?: string;
}

/** Result of {@link endpoint}. */
export interface Endpoint extends EndpointOptions {
  readonly kind: "endpoint";
}

/** Value for a name in the endpoints of an app. */
export type EndpointValue = EndpointFunction | Endpoint;

/**
 * Defines an endpoint with components, limits and other options that a plain function does not have.
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
