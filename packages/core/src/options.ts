import { didYouMean } from "./closest.ts";
import { InputError } from "./errors.ts";
import type { DataEvent, LogEvent, StatusEvent } from "./events.ts";

/** User and password for an app with a login. Both may have any characters. */
export type Login = readonly [user: string, password: string] | { username: string; password: string };

/** Receives the log of the SDK, which otherwise prints nothing. `console` is a logger. Messages contain no secrets. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Retries of requests that are safe to repeat. A submission is not: see {@link CallOptions.resubmit}. */
export interface RetryOptions {
  /** Maximum number of repeats of a request; 0 for none. Default 2. */
  limit?: number | undefined;
  /** Base of the back-off in milliseconds: the n-th wait is random, between 0 and `minDelay · 2ⁿ`. Default 300. */
  minDelay?: number | undefined;
  /** Maximum wait in milliseconds. Default 8 000. */
  maxDelay?: number | undefined;
}

/** Status of a Space that is not running yet. */
export interface SpaceStatus {
  /** `owner/name`. */
  spaceId: string;
  /** Stage as the Hub names it: `"SLEEPING"`, `"BUILDING"`, `"APP_STARTING"`, `"RUNNING"`, `"PAUSED"`, `"BUILD_ERROR"` … */
  stage: string;
  /** Status by stage. After `paused` and `failed`, `connect` fails with `SpaceError`. */
  status: "sleeping" | "building" | "starting" | "running" | "paused" | "failed";
  /** One sentence that can be shown to users. */
  message: string;
}

/** Limits for what an app sends. Beyond a limit, the call or the request fails with `ProtocolError`. */
export interface LimitOptions {
  /**
   * Maximum length of one event of a stream, in characters of its decoded text (UTF-16 code units). A character takes one to three
   * bytes in the stream. Default 67 108 864, which is 64 MiB of ASCII.
   */
  event?: number | undefined;
  /** Maximum size of one JSON response or playlist in bytes, decompressed. Default 256 MiB. */
  body?: number | undefined;
  /** Maximum nesting of lists and objects. Default 1 000. */
  depth?: number | undefined;
  /** Maximum number of messages that are kept until the id of their call is known. Default 10 000. */
  pendingMessages?: number | undefined;
  /** Maximum size of those messages in bytes, encoded as UTF-8. Default 64 MiB. */
  pendingBytes?: number | undefined;
  /**
   * Maximum size in bytes of the log messages and statuses that a job keeps for late readers. Their texts count as UTF-8, and 200
   * bytes are added for each event. Beyond it the call continues: the oldest ones are dropped, and one log message contains their number.
   * Default 4 MiB.
   */
  logs?: number | undefined;
}

/**
 * Options of `Client.connect` on every platform. An option whose value is `undefined` counts as left out; an unknown option is an
 * `InputError` that names the closest one.
 */
export interface ConnectOptions {
  /**
   * Hugging Face token, or a function that returns one, called for each request. Sent to the app's own origin and the Hub only, in
   * the header `authorization`. Default none.
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /** User and password of an app with a login: `[user, password]` or `{ username, password }`. Default none. */
  auth?: Login | undefined;
  /** Additional headers for each request to the app; they replace headers of the SDK. Not sent to other origins. Default none. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  /**
   * Replacement for the platform's `fetch`, such as for tests, proxies or instrumentation. Each HTTP request goes through it, uploads
   * too, whose progress is then reported once per file. Default: the transport of the platform.
   */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Aborts connecting, with its reason. It has no effect once connected: `close()` ends a client. Default none. */
  signal?: AbortSignal | undefined;
  /**
   * Time limit of each plain request in milliseconds; not for uploads, downloads and the event stream. Then `TimeoutError` of kind
   * `"request"`. Default 30 000.
   */
  timeout?: number | undefined;
  /** Retries of requests that are safe to repeat; see {@link RetryOptions}. */
  retry?: RetryOptions | undefined;
  /** Limits for what the app sends; see {@link LimitOptions}. */
  limits?: LimitOptions | undefined;
  /** Session of the app to resume. A secret: it gives access to the session. Default: 128 random bits. */
  sessionHash?: string | undefined;
  /** Base URL of the Hub. Default: in Node the environment variable `HF_ENDPOINT`, else `https://huggingface.co`. */
  hubUrl?: string | undefined;
  /**
   * Called with each change of status while a Space wakes or is built; `connect` resolves when it runs. Not called for a Space
   * that runs already. Default none.
   */
  onSpaceStatus?: ((status: SpaceStatus) => void) | undefined;
  /** Maximum wait for a Space to wake in milliseconds; then `SpaceError`. 0: no wait. Default 300 000. */
  spaceTimeout?: number | undefined;
  /** Hub token for functions that need a Hub login. Sent in the body of their calls only. Default none. */
  oauthToken?: string | undefined;
  /** Id of the saved state of the app to connect to. Default none. */
  deepLink?: string | undefined;
  /** Name of the page of the app to connect to. Default: all pages. */
  page?: string | undefined;
  /**
   * Query parameters that are sent with each call, for functions that read `request.query_params`. A query in the address of the app
   * has the same effect; where both have a parameter, this option counts. The query of a page itself is never sent. Default none.
   */
  query?: Readonly<Record<string, string>> | URLSearchParams | undefined;
  /**
   * Whether integers beyond 2^53 in outputs are `bigint`; otherwise they are rounded, as `JSON.parse` does. A `bigint` in the data of a
   * call is always sent exactly. `InputError` on a platform whose `JSON.parse` does not give access to the source text. Default `false`.
   */
  bigints?: boolean | undefined;
  /** Receives the log of the SDK; see {@link Logger}. Default none: the SDK prints nothing. */
  logger?: Logger | undefined;
}

/** Options of `Client.fork`. */
export interface ForkOptions {
  /** Session of the app to resume. A secret: it gives access to the session. Default: 128 random bits. */
  sessionHash?: string | undefined;
  /** Additional headers for each request of the fork; they replace those of the client that it is made from. Default none. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
}

/** Progress of the upload of one file, in bytes. */
export interface UploadProgress {
  /** Bytes sent so far. */
  sent: number;
  /** Size of the file; `Infinity` for a stream that has not ended. */
  total: number;
  /** Name of the file. */
  file: string;
}

/** Options of an upload or a download. */
export interface TransferOptions<Progress> {
  /** Called with the bytes that were transferred so far. Default none. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborts the transfer, with its reason. Default none. */
  signal?: AbortSignal | undefined;
  /**
   * Time without a byte after which the transfer fails, in milliseconds, with a `TimeoutError` of kind `"idle"` as the cause. At
   * most 120 000 of it count while only an answer is awaited. `Infinity` for none. Default 300 000.
   */
  idleTimeout?: number | undefined;
}

/** Options of one call. `Client.withOptions` sets defaults for them. Durations are in milliseconds. */
export interface CallOptions<T = unknown> {
  /** Aborts the call in any phase, and cancels it on the server. The call then fails with the reason of the signal. Default none. */
  signal?: AbortSignal | undefined;
  /** Time limit of the whole call, uploads included; then `TimeoutError` of kind `"call"`. Default none. */
  timeout?: number | undefined;
  /** Time limit from the acceptance of the call to the start of its run; then `TimeoutError` of kind `"start"`. Default none. */
  startTimeout?: number | undefined;
  /**
   * Time limit for silence on the event stream of the call; each byte ends the silence, also a heartbeat of the app. Then
   * `TimeoutError` of kind `"idle"`. Default none: after 60 s of silence the client asks the app whether it still runs, and fails
   * the call if another app answers (`SessionLostError`), if the app cannot be reached (`ConnectionError`), or if it has not
   * answered for ten minutes (`TimeoutError` of kind `"idle"`).
   */
  idleTimeout?: number | undefined;
  /** Additional headers of the submission; they replace headers of the client and of the SDK. Default none. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** Event data for the function, as JSON. Default none. */
  eventData?: unknown;
  /** Id of the component that triggers the call, as the function sees it. Default none. */
  triggerId?: number | undefined;
  /**
   * Whether the call gets a session and an event stream of its own, so that other calls cannot affect it and cancelling it is always
   * exact. `InputError` for an endpoint with state. Default `false`.
   */
  isolate?: boolean | undefined;
  /**
   * Whether the call may run more than once. `true`: it is sent again each time its connection breaks and its outcome is
   * unknown, until a run ends, a time limit is reached, or three losses in a row brought no output. Readers then see
   * another `starting`, with `attempt` 2, 3 …; outputs before it belong to the lost run. Default `false`: the call fails with
   * `ConnectionError`, and never runs twice.
   */
  resubmit?: boolean | undefined;
  /** Behaviour while the app's queue is full: `"fail"` with `QueueFullError`, or `"wait"` and join again, with back-off. Default `"fail"`. */
  onQueueFull?: "fail" | "wait" | undefined;
  /** Number of latest outputs that the job keeps for late readers. Default all. */
  keepOutputs?: number | undefined;
  /** Called with each status event. */
  onStatus?: ((event: StatusEvent) => void) | undefined;
  /** Called with each data event. */
  onData?: ((event: DataEvent<T>) => void) | undefined;
  /** Called with each log event. */
  onLog?: ((event: LogEvent) => void) | undefined;
  /** Called once with the result of a job that succeeds. */
  onResult?: ((result: T) => void) | undefined;
  /**
   * Called once with the error of a job that fails or is cancelled: a `GradioError` (a `CancelledError` for a cancel), or the reason of
   * the aborted `signal`, which can be any value.
   */
  onError?: ((error: unknown) => void) | undefined;
  /** Called with the progress of each file of the input. */
  onUploadProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Functions that are called once with the result. */
  resultCallbacks?: ReadonlyArray<(result: T) => void> | undefined;
}

/** Repeated attempts for the inputs of `Client.map` that failed. */
export interface MapRetry {
  /** Maximum number of calls for one input, the first one included. */
  attempts: number;
  /** Returns whether another attempt follows an error. Default `isRetryable`: the call certainly did not run. */
  when?: ((error: unknown) => boolean) | undefined;
}

/** Callbacks of {@link CallOptions}, which receive the index of the input as their second argument. */
export interface MapCallbacks<T = unknown> {
  /** Called with each status event. */
  onStatus?: ((event: StatusEvent, index: number) => void) | undefined;
  /** Called with each data event. */
  onData?: ((event: DataEvent<T>, index: number) => void) | undefined;
  /** Called with each log event. */
  onLog?: ((event: LogEvent, index: number) => void) | undefined;
  /** Called with the result of each input that succeeds. */
  onResult?: ((result: T, index: number) => void) | undefined;
  /** Called with the error of each input that fails or is cancelled; with `retry`, with the error of its last attempt. */
  onError?: ((error: unknown, index: number) => void) | undefined;
  /** Called with the progress of each file of an input. */
  onUploadProgress?: ((progress: UploadProgress, index: number) => void) | undefined;
  /** Functions that are called with each result. */
  resultCallbacks?: ReadonlyArray<(result: T, index: number) => void> | undefined;
}

/** Options of `Client.map`: those of each call, and those of the loop. */
export interface MapOptions<T = unknown> extends Omit<CallOptions<T>, keyof MapCallbacks>, MapCallbacks<T> {
  /** Maximum number of concurrent calls. Default 8. */
  concurrency?: number | undefined;
  /** Whether the outcomes are yielded in the order of the inputs; otherwise as they come. Default `false`. */
  ordered?: boolean | undefined;
  /** Further attempts for an input that failed, after a pause; see {@link MapRetry}. Default: one attempt. */
  retry?: MapRetry | undefined;
}

/** Check of a value: returns the problem of an invalid value, and `undefined` for a valid one. */
export type Check = (value: unknown) => string | undefined;

/** Checks a function. */
export const isFunction: Check = (value) => (typeof value === "function" ? undefined : "must be a function");
/** Checks a string that is not empty. */
export const isString: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "must be a string");
const isUrl: Check = (value) => {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value) || !URL.canParse(value))
    return "must be an http(s) URL";
  const { username, password } = new URL(value);
  return username + password === "" ? undefined : "must not contain a user or a password";
};
/** Checks a boolean. */
export const isBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const isObject: Check = (value) => (typeof value === "object" && value !== null ? undefined : "must be an object");
const isRecord = (value: unknown): value is Record<string, unknown> =>
  isObject(value) === undefined && !Array.isArray(value);
/** Checks a number of milliseconds. */
export const isDuration: Check = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "must be a number of milliseconds, 0 or more";
/** Checks a count; `Infinity` is allowed. */
export const isCount: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 0)
    ? undefined
    : "must be a whole number, 0 or more";
/** Checks a count of at least 1. */
export const isPositive: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 1)
    ? undefined
    : "must be a whole number, 1 or more";
/** Checks an AbortSignal, also of another realm. */
export const isSignal: Check = (value) =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
    ? undefined
    : "must be an AbortSignal";
const isToken: Check = (value) =>
  typeof value === "function" ? undefined : isString(value) && "must be a string or a function";
/** Checks headers. The problems do not quote values: a header may be a secret. */
export const isHeaders: Check = (value) => {
  if (isObject(value)) return "must be an object of strings";
  try {
    // Headers refuses a value with a line break, which would add another header.
    return void new Headers(value as HeadersInit);
  } catch {
    return "has a name or a value that is not allowed in an HTTP header";
  }
};
/** Checks an object: its fields must be those of the table, and each must pass its check. */
export const hasFields =
  (table: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (isObject(value)) return "must be an object";
    const fields = value as Record<string, unknown>;
    const names = Object.keys(table);
    const wrong = Object.keys(fields).find((key) => !names.includes(key));
    if (wrong !== undefined) return `has an unknown field ${JSON.stringify(wrong)}; expected ${names.join(", ")}`;
    for (const name of names) {
      const problem = fields[name] === undefined ? undefined : table[name]!(fields[name]);
      if (problem) return `${name} ${problem}`;
    }
    return undefined;
  };
const isQuery: Check = (value) => {
  const isSet = isRecord(value) && Object.values(value).every((one) => one === undefined || typeof one === "string");
  return isSet || value instanceof URLSearchParams ? undefined : "must be an object of strings, or a URLSearchParams";
};
// The error does not show the value, which is a secret. The server uses the separator in names of its tasks (PROTOCOL.md, 2.8).
const isSessionHash: Check = (value) => {
  if (typeof value !== "string" || value === "") return "must be a string";
  return value.isWellFormed() && !value.includes("<gradio-sep>")
    ? undefined
    : 'has half of a surrogate pair, or "<gradio-sep>": it cannot be the id of a session';
};
const isRetry = hasFields({ limit: isCount, minDelay: isDuration, maxDelay: isDuration });
const isLimits = hasFields({
  event: isPositive,
  body: isPositive,
  depth: isPositive,
  pendingMessages: isPositive,
  pendingBytes: isPositive,
  logs: isPositive,
});

/** Options by name, each with a check that returns the problem of an invalid value. */
export type OptionTable = Readonly<Record<string, Check>>;

/** Options of `Client.connect` on every platform. */
export const connectOptions: OptionTable = {
  token: isToken,
  auth: isObject,
  headers: isHeaders,
  fetch: isFunction,
  signal: isSignal,
  timeout: isDuration,
  retry: isRetry,
  limits: isLimits,
  sessionHash: isSessionHash,
  hubUrl: isUrl,
  onSpaceStatus: isFunction,
  spaceTimeout: isDuration,
  oauthToken: isString,
  deepLink: isString,
  page: isString,
  query: isQuery,
  bigints: isBoolean,
  logger: isObject,
};

/**
 * Checks options.
 *
 * @param of - owner of the options, for the error: `Client.connect`, `predict` …
 * @throws InputError for an unknown option, naming the closest known one, and for an option with an invalid value.
 */
export function checkOptions(of: string, options: unknown, table: OptionTable): void {
  const { wrong } = readOptions(of, options, table);
  if (wrong) throw wrong;
}

/** Returns the valid options, and the error for the first invalid one. See {@link checkOptions}. */
export function readOptions(
  of: string,
  options: unknown,
  table: OptionTable,
): { right: Record<string, unknown>; wrong: InputError | null } {
  const right: Record<string, unknown> = {};
  if (options !== undefined && !isRecord(options))
    return { right, wrong: new InputError(`${of} takes its options as an object.`) };
  let wrong: InputError | null = null;
  for (const [name, value] of Object.entries(options ?? {})) {
    if (value === undefined) continue;
    const problem = Object.hasOwn(table, name) ? table[name]!(value) : null;
    if (problem === undefined) right[name] = value;
    else {
      const called = JSON.stringify(name);
      const sentence =
        problem === null
          ? `${of} has no option ${called}.${didYouMean(name, Object.keys(table))}`
          : `The option ${called} ${problem}.`;
      wrong ??= new InputError(sentence, { parameter: name });
    }
  }
  return { right, wrong };
}
