import { type ErrorJson, readError, writeError } from "./error-json.ts";
import { printable, printableLines } from "./fields.ts";

/** Details of an error besides its message. Each may be left out. */
export interface ErrorDetails {
  /** The error or value that led to this error. */
  cause?: unknown;
  /** API name of the endpoint that was called, with its slash. */
  endpoint?: string | undefined;
  /** The app's id of the call; `null` while the app has not assigned one. */
  eventId?: string | null | undefined;
  /** HTTP status of the response that led to this error. */
  status?: number | undefined;
}

export type { ErrorJson };

const brand = Symbol.for("gradio-rx.error");

// The fields of the classes are declared with `declare`: only the constructors define them.

/**
 * Base class of all errors of the SDK.
 *
 * `instanceof` compares a brand and `code` instead of prototypes, so it also works between two copies of the package in
 * one process, such as an ESM and a CommonJS copy.
 *
 * @example
 * ```ts
 * try {
 *   await client.predict("/transcribe", { audio });
 * } catch (error) {
 *   if (error instanceof QueueFullError) showBusy();
 *   else throw error;
 * }
 * ```
 */
export class GradioError extends Error {
  /** API name of the endpoint that was called, where known. */
  declare endpoint: string | undefined;
  /** The app's id of the call; `null` when it had none yet, `undefined` when the error belongs to no call. */
  declare eventId: string | null | undefined;
  /** HTTP status of the response that led to this error, where there was one. */
  declare status: number | undefined;

  /**
   * @param message - one sentence or more. Control characters are replaced by spaces, except tabs and line breaks in
   *   the text of an {@link AppError}.
   */
  constructor(message: string, details: ErrorDetails = {}) {
    // The stack repeats the message that it is created with.
    const text = new.target.prototype.code === "app" ? printableLines(message) : printable(message);
    super(text, "cause" in details ? { cause: details.cause } : undefined);
    Object.defineProperty(this, brand, { value: true });
    Object.defineProperty(this, "name", { value: className(this.code), configurable: true, writable: true });
    this.endpoint = details.endpoint;
    this.eventId = details.eventId;
    this.status = details.status;
  }

  /** The class name without `Error`, in snake case: `"app"`, `"queue_full"` … */
  get code(): string {
    return "gradio";
  }

  /**
   * Returns the error as plain data that may be logged, stored or sent to another process: name, code, message, the
   * fields of its class, and its causes. It has no stack, headers or addresses with credentials.
   *
   * The cause of another class is reduced to `name`, `message` and, where it is a text, `code`. A cause that is not an
   * error is left out.
   */
  toJSON(): ErrorJson {
    return writeError(this, isGradioError);
  }

  /**
   * Makes the error again from its JSON form: the class that `code` names, all fields of that class, and the causes.
   *
   * Foreign input does not throw: an unknown code gives a `GradioError`, and a field of another type than expected is
   * ignored.
   *
   * @example
   * ```ts
   * worker.onmessage = ({ data }) => show(GradioError.fromJSON(data.error));
   * ```
   */
  static fromJSON(json: unknown): GradioError {
    if (isGradioError(json)) return json;
    const error = readError(json, makeError);
    return isGradioError(error) ? error : new GradioError(error.message);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    if (this === GradioError) return true;
    // A class that an application derives has no code, so the prototype chain is used.
    if (!Object.hasOwn(this.prototype, "code")) return Object.prototype.isPrototypeOf.call(this.prototype, value);
    return "code" in value && value.code === this.prototype.code;
  }
}

/** Returns the class name for a code: `"queue_full"` gives `"QueueFullError"`. */
function className(code: string): string {
  const words = code.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}Error`;
}

/** Returns a copy of an error for another call, so that the details of one call do not appear in the other. */
export function copyError(error: GradioError): GradioError {
  const Class = error.constructor as new (message: string, details: ErrorDetails) => GradioError;
  const own = Object.fromEntries(Object.entries(error));
  return new Class(error.message, "cause" in error ? { ...own, cause: error.cause } : own);
}

/** The app's function raised an error. `message` is the text of the app without other control characters than tabs and line breaks. It may hold HTML. */
export class AppError extends GradioError {
  /** Title that the app gave the error, or `null`. */
  declare readonly title: string | null;
  /** Time for which the app's page would show the message, in milliseconds; `null`: until it is closed. */
  declare readonly duration: number | null;
  /** Whether the app's own page would show the message. */
  declare readonly visible: boolean;

  constructor(
    message: string,
    details: ErrorDetails & { title?: string | null; duration?: number | null; visible?: boolean } = {},
  ) {
    super(message, details);
    this.title = details.title == null ? null : printable(details.title);
    this.duration = details.duration ?? null;
    this.visible = details.visible ?? true;
  }
  override get code(): "app" {
    return "app";
  }
}

/** A login is missing or was refused, a token was refused, or the Space is private or does not exist. */
export class AuthenticationError extends GradioError {
  override get code(): "authentication" {
    return "authentication";
  }
}

/** The app refused the input (status 422). */
export class ValidationError extends GradioError {
  /** Message for each refused parameter, by its name, else by its position. May be empty. */
  declare readonly fieldErrors: Readonly<Record<string, string>>;

  constructor(message: string, details: ErrorDetails & { fieldErrors?: Record<string, string> } = {}) {
    super(message, details);
    this.fieldErrors = details.fieldErrors ?? {};
  }
  override get code(): "validation" {
    return "validation";
  }
}

/**
 * The call or the option is invalid: an unknown endpoint, parameter or option, a missing or surplus argument, or a value of
 * the wrong kind. Nothing was sent.
 */
export class InputError extends GradioError {
  /** Name of the invalid parameter or option, else its position; `undefined` where the error concerns neither. */
  declare readonly parameter: string | undefined;

  constructor(message: string, details: ErrorDetails & { parameter?: string } = {}) {
    super(message, details);
    this.parameter = details.parameter;
  }
  override get code(): "input" {
    return "input";
  }
}

/**
 * Kind of a time limit: `"call"`, `"start"` and `"idle"` are the call options `timeout`, `startTimeout` and `idleTimeout`,
 * `"request"` is the connect option `timeout`, and `"result"` the `timeout` of `Job.result`.
 */
export type TimeoutKind = "call" | "start" | "idle" | "request" | "result";

/** A time limit ran out. */
export class TimeoutError extends GradioError {
  /** Kind of the limit. */
  declare readonly kind: TimeoutKind;

  constructor(message: string, details: ErrorDetails & { kind: TimeoutKind }) {
    super(message, details);
    this.kind = details.kind;
  }
  override get code(): "timeout" {
    return "timeout";
  }
}

/** The Space's GPU quota is used up. */
export class QuotaError extends GradioError {
  /** Title that the Space gave the error, such as `"ZeroGPU quota exceeded"`, or `null`. */
  declare readonly title: string | null;
  /** GPU time that the call requested, in milliseconds; `null` where unknown. */
  declare readonly requested: number | null;
  /** GPU time that is left of the quota, in milliseconds; `null` where unknown. */
  declare readonly left: number | null;
  /** Time after which to try again, in milliseconds from the error on; `null` where unknown. */
  declare readonly retryAfter: number | null;

  constructor(
    message: string,
    details: ErrorDetails & {
      title?: string | null;
      requested?: number | null;
      left?: number | null;
      retryAfter?: number | null;
    } = {},
  ) {
    super(message, details);
    this.title = details.title ?? null;
    this.requested = details.requested ?? null;
    this.left = details.left ?? null;
    this.retryAfter = details.retryAfter ?? null;
  }
  override get code(): "quota" {
    return "quota";
  }
}

/** The job was cancelled: by `cancel()`, disposal, `close()`, or by the app. */
export class CancelledError extends GradioError {
  override get code(): "cancelled" {
    return "cancelled";
  }
}

/** The app's queue is full. The call was not accepted; see {@link isRetryable} and the call option `onQueueFull`. */
export class QueueFullError extends GradioError {
  override get code(): "queue_full" {
    return "queue_full";
  }
}

/** The server refused the request because there were too many (status 429). The call was not accepted. */
export class RateLimitError extends GradioError {
  /** Time that the server asks to wait, in milliseconds; `null` where it gives none. */
  declare readonly retryAfter: number | null;

  constructor(message: string, details: ErrorDetails & { retryAfter?: number | null } = {}) {
    super(message, details);
    this.retryAfter = details.retryAfter ?? null;
  }
  override get code(): "rate_limit" {
    return "rate_limit";
  }
}

/** A file is larger than the app allows. Thrown before the upload where the limit and the size are known. */
export class FileTooLargeError extends GradioError {
  override get code(): "file_too_large" {
    return "file_too_large";
  }
}

/** A file could not be uploaded; `message` names it. The call was not submitted. */
export class UploadError extends GradioError {
  override get code(): "upload" {
    return "upload";
  }
}

/** A file could not be downloaded; `message` names it. */
export class DownloadError extends GradioError {
  override get code(): "download" {
    return "download";
  }
}

/** The Space cannot run, or did not start in time; `message` says what its owner can do. */
export class SpaceError extends GradioError {
  /** State of the Space as the Hub names it, such as `"BUILD_ERROR"`; `null` where unknown. */
  declare readonly stage: string | null;

  constructor(message: string, details: ErrorDetails & { stage?: string | null } = {}) {
    super(message, details);
    this.stage = details.stage ?? null;
  }
  override get code(): "space" {
    return "space";
  }
}

/** The connection could not be established, or it ended early. `cause` is the platform's error, where there was one. */
export class ConnectionError extends GradioError {
  /** Whether the app had accepted the call; `null` where that is unknown. */
  declare readonly accepted: boolean | null;

  constructor(message: string, details: ErrorDetails & { accepted?: boolean | null } = {}) {
    super(message, details);
    this.accepted = details.accepted ?? null;
  }
  override get code(): "connection" {
    return "connection";
  }
}

/** The app no longer knows this session: it restarted, dropped the session, or another client reads it. */
export class SessionLostError extends GradioError {
  override get code(): "session_lost" {
    return "session_lost";
  }
}

/** The response is not that of a Gradio app, cannot be parsed, or exceeds a limit; `message` quotes at most 200 characters. */
export class ProtocolError extends GradioError {
  override get code(): "protocol" {
    return "protocol";
  }
}

/** Every error class of the SDK, distinguished by `code`. */
export type AnyGradioError =
  | AppError
  | AuthenticationError
  | ValidationError
  | InputError
  | TimeoutError
  | QuotaError
  | CancelledError
  | QueueFullError
  | RateLimitError
  | FileTooLargeError
  | UploadError
  | DownloadError
  | SpaceError
  | ConnectionError
  | SessionLostError
  | ProtocolError;

/**
 * Returns whether the function did not run and another attempt makes sense: `true` for {@link QueueFullError},
 * {@link RateLimitError}, and {@link ConnectionError} with `accepted: false`; `false` for every other value.
 *
 * @example
 * ```ts
 * if (isRetryable(error)) setTimeout(tryAgain, error instanceof RateLimitError ? (error.retryAfter ?? 1_000) : 1_000);
 * ```
 */
export function isRetryable(error: unknown): error is QueueFullError | RateLimitError | ConnectionError {
  if (error instanceof QueueFullError || error instanceof RateLimitError) return true;
  return error instanceof ConnectionError && error.accepted === false;
}

function isGradioError(value: unknown): value is GradioError {
  return value instanceof GradioError;
}

/** Makes the error of a code. The outermost error (level 0) is always one of the SDK, its causes need not be. */
function makeError(code: unknown, message: string, details: ErrorDetails, level: number): GradioError | null {
  const Class = classes.find((one) => one.prototype.code === code);
  if (Class) return new Class(message, { kind: "request", ...details });
  return code === "gradio" || level === 0 ? new GradioError(message, details) : null;
}

const classes: readonly (new (message: string, details: ErrorDetails & { kind: TimeoutKind }) => AnyGradioError)[] = [
  AppError,
  AuthenticationError,
  ValidationError,
  InputError,
  TimeoutError,
  QuotaError,
  CancelledError,
  QueueFullError,
  RateLimitError,
  FileTooLargeError,
  UploadError,
  DownloadError,
  SpaceError,
  ConnectionError,
  SessionLostError,
  ProtocolError,
];
