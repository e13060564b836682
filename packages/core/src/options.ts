import { didYouMean } from "./closest.ts";
import { InputError } from "./errors.ts";
import { isFields } from "./fields.ts";
import type { DataEvent, LogEvent, StatusEvent } from "./events.ts";

/** A user and a password, for an app with a login. Any characters. */
export type Login = readonly [user: string, password: string] | { username: string; password: string };

/** Where the SDK may write; by default it writes nowhere. `console` is one. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** How requests that are safe to repeat are repeated. A submission is not one of them. */
export interface RetryOptions {
  /** How many times to repeat; 0 for never. Default 2. */
  limit?: number | undefined;
  /** Base of the back-off in milliseconds: the n-th wait is random between 0 and `minDelay · 2ⁿ`. Default 300. */
  minDelay?: number | undefined;
  /** No wait is longer, in milliseconds. Default 8 000. */
  maxDelay?: number | undefined;
}

/** How a Space does that is not running yet. */
export interface SpaceStatus {
  /** `owner/name`. */
  spaceId: string;
  /** The Hub's word: `"SLEEPING"`, `"BUILDING"`, `"APP_STARTING"`, `"RUNNING"`, `"PAUSED"`, `"BUILD_ERROR"` … */
  stage: string;
  /** What it comes to. After `paused` and `failed`, `connect` fails with `SpaceError`. */
  status: "sleeping" | "building" | "starting" | "running" | "paused" | "failed";
  /** One sentence for a person. */
  message: string;
}

/** How much the SDK takes from an app; what is beyond fails with ProtocolError. */
export interface LimitOptions {
  /** Most bytes of one event of a stream. Default 64 MiB. */
  event?: number | undefined;
  /** Most bytes of one answer, decompressed. Default 256 MiB. */
  body?: number | undefined;
  /** Most levels of lists and objects within each other. Default 1 000. */
  depth?: number | undefined;
  /** Most messages that are kept of calls whose id is not known yet. Default 10 000. */
  pendingMessages?: number | undefined;
}

/** Options of `Client.connect` that every platform has. An option whose value is `undefined` counts as left out. */
export interface ConnectOptions {
  /** Hugging Face token, or an async function that gives one. Sent to the app's own origin and the Hub only. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** User and password of an app with a login; any characters. */
  auth?: Login | undefined;
  /** Extra headers for every request to the app; they replace the SDK's own. Default none. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** A function like `fetch` in place of the platform's own way; then every request goes through it, uploads too. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Aborts connecting. No effect once connected: `close()` ends a client. */
  signal?: AbortSignal | undefined;
  /** Most milliseconds for each plain request; not for uploads, downloads or the event stream. Default 30 000. */
  timeout?: number | undefined;
  /** See {@link RetryOptions}. */
  retry?: RetryOptions | undefined;
  /** See {@link LimitOptions}. */
  limits?: LimitOptions | undefined;
  /** Session to resume at the app. Default: 128 bits from the platform's cryptographic random source. */
  sessionHash?: string | undefined;
  /** The Hub's base URL, for Spaces named `owner/name`. Default `https://huggingface.co`; Node also reads `HF_ENDPOINT`. */
  hubUrl?: string | undefined;
  /**
   * Called with each change while a Space that sleeps or is being built wakes; `connect` resolves when it runs. Not called
   * for one that answers at once.
   */
  onSpaceStatus?: ((status: SpaceStatus) => void) | undefined;
  /** How long to wait for a Space to wake, in milliseconds; then `SpaceError`. Default 300 000; 0 waits for none. */
  spaceTimeout?: number | undefined;
  /** Hub token for functions that take a Hub login; sent in the body of their calls only. */
  oauthToken?: string | undefined;
  /** Id of a saved state of the app to connect to. */
  deepLink?: string | undefined;
  /** Name of the one page of the app to connect to. Default: all of it. */
  page?: string | undefined;
  /** Where the SDK may write. Default: nowhere. */
  logger?: Logger | undefined;
}

/** How far one file of a call's input has been sent, in bytes. */
export interface UploadProgress {
  sent: number;
  /** Size of this file; of a stream `Infinity`, until it has ended. */
  total: number;
  /** The file's name. */
  file: string;
}

/** Options of one call; `Client.withOptions` gives defaults for them. Durations are in milliseconds. */
export interface CallOptions<T = unknown> {
  /** Aborts the call in any phase, and cancels it at the app; the call then fails with the signal's own reason. */
  signal?: AbortSignal | undefined;
  /** For the whole call, uploads included; then `TimeoutError` of kind `"call"`. Default none. */
  timeout?: number | undefined;
  /** From the app's acceptance to the start of the run; then `TimeoutError` of kind `"start"`. Default none. */
  startTimeout?: number | undefined;
  /**
   * For silence on the call's event stream, where any byte counts as life, the app's own heartbeat too; then
   * `TimeoutError` of kind `"idle"`. Default 60 000, but none where the app does not show life by itself: Gradio 3, and
   * calls outside the queue before 4.9. `Infinity` for none.
   */
  idleTimeout?: number | undefined;
  /** Headers sent with this call's submission; they replace the client's and the SDK's own. */
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** What the app's function finds in its event data. */
  eventData?: unknown;
  /** Id of the component that the app is to think the call came from. */
  triggerId?: number | undefined;
  /** A session and an event stream of its own for this call. Only for endpoints without state. Default `false`. */
  isolate?: boolean | undefined;
  /**
   * Whether the call may run more than once: then it is sent again each time its connection broke and its outcome is
   * unknown, until a run ends, a time limit strikes, or three losses in a row brought no output. Readers see another
   * `starting`, with `attempt` 2, 3 …; outputs before it belong to the lost run. Default `false`: a call whose
   * connection broke fails with ConnectionError, and never runs twice. A function without state runs again in another session.
   */
  resubmit?: boolean | undefined;
  /** What to do while the app's queue is full: fail with QueueFullError, or join again, with back-off. Default `"fail"`. */
  onQueueFull?: "fail" | "wait" | undefined;
  /** How many outputs the job remembers for readers that come late. Default all. */
  keepOutputs?: number | undefined;
  /** Called with each change of status. */
  onStatus?: ((event: StatusEvent) => void) | undefined;
  /** Called with each output. */
  onData?: ((event: DataEvent<T>) => void) | undefined;
  /** Called with each message of the app's function. */
  onLog?: ((event: LogEvent) => void) | undefined;
  /** Called once with the result, unless `onError` is. */
  onResult?: ((result: T) => void) | undefined;
  /** Called once with the error of a job that failed or was cancelled. */
  onError?: ((error: unknown) => void) | undefined;
  /** Called as files of the input are sent. */
  onUploadProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Called with the result, each once. */
  resultCallbacks?: ReadonlyArray<(result: T) => void> | undefined;
}

/** Options of `Client.map`: those of each call, and how many run at once. */
export interface MapOptions<T = unknown> extends CallOptions<T> {
  /** Most calls in flight. Default 8. */
  concurrency?: number | undefined;
}

type Check = (value: unknown) => string | undefined;

const isFunction: Check = (value) => (typeof value === "function" ? undefined : "must be a function");
const isString: Check = (value) => (typeof value === "string" && value !== "" ? undefined : "must be a string");
const isUrl: Check = (value) => {
  if (typeof value !== "string" || !/^https?:\/\//i.test(value) || !URL.canParse(value))
    return "must be an http(s) URL";
  const { username, password } = new URL(value);
  return username + password === "" ? undefined : "must hold no user and no password";
};
const isBoolean: Check = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const isObject: Check = (value) => (typeof value === "object" && value !== null ? undefined : "must be an object");
const isDuration: Check = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "must be a number of milliseconds, 0 or more";
const isCount: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 0)
    ? undefined
    : "must be a whole number, 0 or more";
/** A count that is not 0. */
export const isPositive: Check = (value) =>
  value === Infinity || (Number.isInteger(value) && (value as number) >= 1)
    ? undefined
    : "must be a whole number, 1 or more";
const isSignal: Check = (value) =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
    ? undefined
    : "must be an AbortSignal";
const isToken: Check = (value) =>
  typeof value === "function" ? undefined : isString(value) && "must be a string or a function";
const isList: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "function")
    ? undefined
    : "must be an array of functions";
// The values stay out of the sentences: a header may be a secret.
const isHeaders: Check = (value) => {
  if (isObject(value)) return "must be an object of strings";
  try {
    // What could smuggle in another header, a Headers refuses.
    return void new Headers(value as HeadersInit);
  } catch {
    return "holds a name or a value that no HTTP header can have";
  }
};
/** An object that has no other fields than these, each as its own check wants it. */
const hasFields =
  (table: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (isObject(value)) return "must be an object";
    const fields = value as Record<string, unknown>;
    const names = Object.keys(table);
    const wrong = Object.keys(fields).find((key) => !names.includes(key));
    if (wrong !== undefined) return `has no ${JSON.stringify(wrong)}, but ${names.join(", ")}`;
    for (const name of names) {
      const problem = fields[name] === undefined ? undefined : table[name]!(fields[name]);
      if (problem) return `${name} ${problem}`;
    }
    return undefined;
  };
const isRetry = hasFields({ limit: isCount, minDelay: isDuration, maxDelay: isDuration });
const isLimits = hasFields({
  event: isPositive,
  body: isPositive,
  depth: isPositive,
  pendingMessages: isPositive,
});

/** What each option must be: a name, and a function that gives the sentence for a value that it refuses. */
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
  sessionHash: isString,
  hubUrl: isUrl,
  onSpaceStatus: isFunction,
  spaceTimeout: isDuration,
  oauthToken: isString,
  deepLink: isString,
  page: isString,
  logger: isObject,
};

/** Options of one call. */
export const callOptions: OptionTable = {
  signal: isSignal,
  timeout: isDuration,
  startTimeout: isDuration,
  idleTimeout: isDuration,
  headers: isHeaders,
  eventData: () => undefined,
  triggerId: isCount,
  isolate: isBoolean,
  resubmit: isBoolean,
  onQueueFull: (value) => (value === "fail" || value === "wait" ? undefined : 'must be "fail" or "wait"'),
  keepOutputs: isCount,
  onStatus: isFunction,
  onData: isFunction,
  onLog: isFunction,
  onResult: isFunction,
  onError: isFunction,
  onUploadProgress: isFunction,
  resultCallbacks: isList,
};

/** Options of `Job.result`. */
export const resultOptions: OptionTable = { timeout: isDuration, signal: isSignal };

/**
 * Refuses an option that does not exist or cannot be what it is.
 *
 * @param of - what the options belong to, for the sentence: `Client.connect`, `predict` …
 * @throws InputError naming the option, and the closest one that exists.
 */
export function checkOptions(of: string, options: unknown, table: OptionTable): void {
  const { wrong } = readOptions(of, options, table);
  if (wrong) throw wrong;
}

/** The options that can be what they are, and what is wrong with the first of the others. See {@link checkOptions}. */
export function readOptions(
  of: string,
  options: unknown,
  table: OptionTable,
): { right: Record<string, unknown>; wrong: InputError | null } {
  const right: Record<string, unknown> = {};
  if (options !== undefined && !isFields(options))
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

/** The options given, on top of defaults; what is `undefined` counts as left out. */
export function mergeOptions<Options extends object>(
  defaults: Options,
  given: { [Name in keyof Options]?: Options[Name] | undefined } = {},
): Options {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}
