import { defer, firstValueFrom, retry, takeUntil, tap } from "rxjs";
import { GradioError, TimeoutError } from "../errors.ts";
import { loadPart } from "../load.ts";
import { aborted, backOff, LONGEST_DELAY, settleWithin, sleep } from "../timers.ts";
import { isTransient, retryAfterOf, toGradioError } from "./errors.ts";
import { redactedUrl } from "./urls.ts";

/** Retry settings of one client. */
export interface RetryPolicy {
  /** Maximum number of retries of one request. */
  limit: number;
  /** Base and upper limit of the back-off, in milliseconds. */
  minDelay: number;
  maxDelay: number;
  budget: RetryBudget;
}

/** Maximum number of retries in a budget. */
const CAPACITY = 20;

/**
 * Number of retries that a client has left: each retry takes one, each success returns one. It keeps a server that fails
 * every request from receiving a multiple of them.
 */
export class RetryBudget {
  #left = CAPACITY;

  /** Takes one retry; returns `false` where none is left. */
  take(): boolean {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }

  /** Returns one retry after a success. */
  give(): void {
    this.#left = Math.min(CAPACITY, this.#left + 1);
  }
}

/** Retry rules of one request. */
export interface RetryContext {
  policy: RetryPolicy;
  /** Ends attempts and delays. */
  signal: AbortSignal;
  /** Whether a failed attempt may be repeated. Default {@link isTransient}. */
  isRetryable?: (error: unknown) => error is GradioError;
  /** Minimum delay before a retry, in milliseconds. Default 0. */
  minDelay?: number;
  /** Maximum delay that a server may ask for, in milliseconds; an error that asks for more is final. Default `Infinity`. */
  maxRetryAfter?: number;
  /** Called before each retry. */
  onRetry?: (error: GradioError) => void;
}

/**
 * Decides whether a failed attempt is retried, and takes the retry from the budget. The one decision for all requests: those
 * that ky sends and those that are streamed. The number of retries is counted by the caller.
 */
export function takeRetry(error: unknown, context: RetryContext): boolean {
  const { policy, signal, isRetryable = isTransient, maxRetryAfter = Infinity, onRetry } = context;
  if (signal.aborted || !isRetryable(error)) return false;
  if (retryAfterOf(error) > maxRetryAfter || !policy.budget.take()) return false;
  onRetry?.(error);
  return true;
}

/**
 * Returns the delay before a retry, in milliseconds: the back-off, and no less than the server or the context asks for.
 *
 * @param failures - number of failed attempts, from 1.
 */
export function retryDelay(failures: number, error: unknown, { policy, minDelay = 0 }: RetryContext): number {
  return Math.max(minDelay, retryAfterOf(error), backOff(failures, policy.minDelay, policy.maxDelay));
}

/**
 * Repeats an attempt while {@link takeRetry} allows it. Plain requests are retried by ky instead.
 *
 * @throws the error of the last attempt; the signal's reason when it is aborted, without waiting for the attempt.
 */
export function withRetry<T>(attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { policy, signal } = context;
  const delay = (error: unknown, failures: number): Promise<void> => {
    if (!takeRetry(error, context)) throw error;
    return sleep(retryDelay(failures, error, context), signal);
  };
  return firstValueFrom(
    defer(attempt).pipe(
      tap(() => policy.budget.give()),
      retry({ count: policy.limit, delay }),
      takeUntil(aborted(signal)),
    ),
  );
}

/** Options of {@link sendWithKy}. */
export interface KyOptions extends RetryContext {
  url: URL;
  method: "GET" | "POST";
  /** For one attempt, its body included, in milliseconds. `Infinity` for none. */
  timeout: number;
  /** Whether the first attempt may start before ky is loaded. It may then have been sent even where ky cannot be loaded. */
  startsEarly: boolean;
  /** Time before ky is loaded beside such an attempt, in milliseconds. Default 0. */
  headStart?: number | undefined;
}

/**
 * Sends a plain request with ky, which applies its timeout to each attempt and counts the retries. ky is loaded with the first
 * request, because in Node it loads the classes of `fetch`.
 *
 * ky receives neither headers nor bodies: it would copy them for each attempt, and its errors hold the request. The attempt
 * sends them, reads the whole answer, and converts every failure, because ky retries nothing after the head of an answer.
 *
 * @param attempt - sends the request once; rejects with a GradioError, or with the signal's reason.
 * @throws the error of the last attempt; TimeoutError; the signal's reason; ConnectionError where ky cannot be loaded.
 */
export async function sendWithKy<T extends object>(
  attempt: (signal: AbortSignal) => Promise<T>,
  options: KyOptions,
): Promise<T> {
  const { url, method, timeout, signal, policy, headStart } = options;
  const early = options.startsEarly && !loaded ? startEarly(attempt, { signal, headStart, timeout }) : undefined;
  const { module, success } = loaded ?? (await settleWithin(loadKy(early), { signal }));
  const { default: ky, isKyError, isTimeoutError } = module;
  let answer: T | undefined;
  let lastError: unknown;
  // An error of ky holds the request. It must not be thrown, nor be the cause of what is thrown.
  const converted = (error: unknown): GradioError => {
    if (error instanceof GradioError) return error;
    if (isTimeoutError(error))
      return new TimeoutError(`${redactedUrl(url)} did not answer within ${timeout} ms.`, { kind: "request" });
    return toGradioError(isKyError(error) ? new Error(error.name) : error, url);
  };
  try {
    await ky(url, {
      method,
      signal,
      timeout: timeout > LONGEST_DELAY ? false : timeout,
      retry: {
        limit: Math.min(policy.limit, Number.MAX_SAFE_INTEGER),
        methods: ["get", "post"],
        shouldRetry: ({ error }) => takeRetry((lastError = converted(error)), options),
        delay: (failures) => retryDelay(failures, lastError, options),
      },
      fetch: async (request) => {
        const ended = request instanceof Request ? request.signal : signal;
        answer = await (early?.take(ended) ?? attempt(ended));
        return success;
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw converted(error);
  }
  policy.budget.give();
  return answer!;
}

/** ky, and the Response that it receives for every success. */
interface Loaded {
  module: typeof import("ky");
  /** Without a body, so that it can be shared. The answer itself does not pass through ky. */
  success: Response;
}

/** Kept after the first request: Node resolves every `import()` again, which takes a tenth of the time of a call. */
let loaded: Loaded | undefined;

/**
 * Loads ky, after the head start of an early attempt. In a page, this fails after a new version of the page was deployed; the next
 * request tries again.
 *
 * @param early - attempt that has started. It is aborted where ky cannot be loaded.
 */
async function loadKy(early: EarlyAttempt<unknown> | undefined): Promise<Loaded> {
  await early?.underWay;
  try {
    const module = await loadPart(() => import("ky"));
    return (loaded ??= { module, success: new Response() });
  } catch (error) {
    early?.abort(error);
    throw error;
  }
}

/** An attempt that has started before ky calls for it, so that loading ky adds no round trip to the first request. */
interface EarlyAttempt<T> {
  /** Resolves after its head start, or when it is settled. */
  underWay: Promise<unknown>;
  /** Returns the attempt to ky's first call, then `undefined`. From then on, the signal of that call ends it. */
  take: (signal: AbortSignal) => Promise<T> | undefined;
  abort: (reason: unknown) => void;
}

function startEarly<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  { signal, headStart = 0, timeout }: Pick<KyOptions, "signal" | "headStart" | "timeout">,
): EarlyAttempt<T> {
  const controller = new AbortController();
  const follow = (source: AbortSignal): void => {
    if (source.aborted) controller.abort(source.reason);
    else source.addEventListener("abort", () => controller.abort(source.reason), { once: true });
  };
  follow(signal);
  let answer: Promise<T> | undefined = attempt(controller.signal);
  const delay = Math.min(headStart, timeout);
  const pause = delay > 0 ? sleep(delay, signal) : undefined;
  // The attempt may fail before ky is loaded. Its failure is handled when ky calls for it.
  const underWay = Promise.race([answer, pause]).catch(() => undefined);
  return {
    underWay,
    take: (ended) => {
      const taken = answer;
      answer = undefined;
      if (taken) follow(ended);
      return taken;
    },
    abort: (reason) => controller.abort(reason),
  };
}
