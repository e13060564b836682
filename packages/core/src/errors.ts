/** What is known about an error besides its message; every field may be left out. */
export interface ErrorDetails {
  /** The platform's own error, or whatever else led here. */
  cause?: unknown;
  /** API name of the endpoint that was called, with its slash. */
  endpoint?: string | undefined;
  /** The app's id of the call, once it gave one. */
  eventId?: string | null | undefined;
  /** HTTP status of the answer that led here. */
  status?: number | undefined;
}

const brand = Symbol.for("gradio-rx.error");

// Fields of errors are declared, not defined: it is the constructors that make them.

/**
 * Base of every error of the SDK. `instanceof` holds across two copies of the package (ESM and CommonJS in one
 * process), because it looks at a brand and at `code`, not at the prototype chain.
 */
export class GradioError extends Error {
  /** API name of the endpoint that was called, where known. */
  declare endpoint: string | undefined;
  /** The app's id of the call; `null` when it had none yet, `undefined` when the error belongs to no call. */
  declare eventId: string | null | undefined;
  /** HTTP status of the answer that led here, where there was one. */
  declare status: number | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    Object.defineProperty(this, brand, { value: true });
    Object.defineProperty(this, "name", { value: this.#className(), configurable: true, writable: true });
    this.endpoint = details.endpoint;
    this.eventId = details.eventId;
    this.status = details.status;
  }

  /** The class name without `Error`, in snake case: `"app"`, `"queue_full"` … */
  get code(): string {
    return "gradio";
  }

  /** What may be logged or sent on: no stack, no cause, no header, no address. */
  toJSON(): Record<string, unknown> {
    const own: Record<string, unknown> = { name: this.name, code: this.code, message: this.message };
    for (const [key, value] of Object.entries(this)) if (value !== undefined && key !== "cause") own[key] = value;
    return own;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    if (this === GradioError) return true;
    // A class derived by somebody else has no code of its own: the ordinary rule holds for it.
    if (!Object.hasOwn(this.prototype, "code")) return Object.prototype.isPrototypeOf.call(this.prototype, value);
    return "code" in value && value.code === this.prototype.code;
  }

  #className(): string {
    const words = this.code.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
    return `${words.join("")}Error`;
  }
}

/** The same error for another call: what one call adds to it must not show in the other's. */
export function copyOf(error: GradioError): GradioError {
  const Class = error.constructor as new (message: string, details: ErrorDetails) => GradioError;
  const own = Object.fromEntries(Object.entries(error));
  return new Class(error.message, "cause" in error ? { ...own, cause: error.cause } : own);
}

/** The app's function raised, and said so. */
export class AppError extends GradioError {
  /** The heading that the app gave, or `null`. */
  declare readonly title: string | null;
  /** How long the app would show the message, in milliseconds; `null` is until somebody closes it. */
  declare readonly duration: number | null;
  /** Whether the app's own page would show the message. */
  declare readonly visible: boolean;

  constructor(
    message: string,
    details: ErrorDetails & { title?: string | null; duration?: number | null; visible?: boolean } = {},
  ) {
    super(message, details);
    this.title = details.title ?? null;
    this.duration = details.duration ?? null;
    this.visible = details.visible ?? true;
  }
  override get code(): "app" {
    return "app";
  }
}

/** A login is missing or was refused, a token was refused, or the Space is private. */
export class AuthenticationError extends GradioError {
  override get code(): "authentication" {
    return "authentication";
  }
}

/** The app looked at the input and refused it (any answer with status 422). */
export class ValidationError extends GradioError {
  /** What is wrong with each parameter: by name, else by position. May be empty. */
  declare readonly fieldErrors: Readonly<Record<string, string>>;

  constructor(message: string, details: ErrorDetails & { fieldErrors?: Record<string, string> } = {}) {
    super(message, details);
    this.fieldErrors = details.fieldErrors ?? {};
  }
  override get code(): "validation" {
    return "validation";
  }
}

/** The call cannot be made as it was written; nothing was sent. */
export class InputError extends GradioError {
  /** The parameter or option at fault, where there is one. */
  declare readonly parameter: string | undefined;

  constructor(message: string, details: ErrorDetails & { parameter?: string } = {}) {
    super(message, details);
    this.parameter = details.parameter;
  }
  override get code(): "input" {
    return "input";
  }
}

/** Which time limit ran out; see the options of the same names, and `Job.result`. */
export type TimeoutKind = "call" | "start" | "idle" | "request" | "result";

/** A time limit ran out. */
export class TimeoutError extends GradioError {
  /** Which limit it was. */
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
  /** The heading that the Space gave, such as `"ZeroGPU quota exceeded"`; `null` where it gave none. */
  declare readonly title: string | null;
  /** GPU time that the call asked for, and what is left of the quota, in milliseconds; `null` where it was not said. */
  declare readonly requested: number | null;
  declare readonly left: number | null;
  /** When to try again, in milliseconds from then; `null` where it was not said. */
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

/** `cancel()`, disposal or `close()` ended the job, or the app itself cancelled it. */
export class CancelledError extends GradioError {
  override get code(): "cancelled" {
    return "cancelled";
  }
}

/** The app's queue is full; the call was not taken. */
export class QueueFullError extends GradioError {
  override get code(): "queue_full" {
    return "queue_full";
  }
}

/** Too many requests (status 429). */
export class RateLimitError extends GradioError {
  /** How long the server asks to wait, in milliseconds; `null` when it did not say. */
  declare readonly retryAfter: number | null;

  constructor(message: string, details: ErrorDetails & { retryAfter?: number | null } = {}) {
    super(message, details);
    this.retryAfter = details.retryAfter ?? null;
  }
  override get code(): "rate_limit" {
    return "rate_limit";
  }
}

/** A file is larger than the app takes. */
export class FileTooLargeError extends GradioError {
  override get code(): "file_too_large" {
    return "file_too_large";
  }
}

/** A file could not be sent; nothing was submitted. */
export class UploadError extends GradioError {
  override get code(): "upload" {
    return "upload";
  }
}

/** A file could not be fetched. */
export class DownloadError extends GradioError {
  override get code(): "download" {
    return "download";
  }
}

/** The Space cannot run. */
export class SpaceError extends GradioError {
  /** The Hub's word for the state that the Space is in. */
  declare readonly stage: string | null;

  constructor(message: string, details: ErrorDetails & { stage?: string | null } = {}) {
    super(message, details);
    this.stage = details.stage ?? null;
  }
  override get code(): "space" {
    return "space";
  }
}

/** There was no connection, or it broke, cleanly or not; `cause` has the platform's error where there was one. */
export class ConnectionError extends GradioError {
  /** Whether the app had taken the call: `true`, `false`, or `null` where that cannot be known. */
  declare readonly accepted: boolean | null;

  constructor(message: string, details: ErrorDetails & { accepted?: boolean | null } = {}) {
    super(message, details);
    this.accepted = details.accepted ?? null;
  }
  override get code(): "connection" {
    return "connection";
  }
}

/** The app no longer knows this session: it restarted, or dropped it. */
export class SessionLostError extends GradioError {
  override get code(): "session_lost" {
    return "session_lost";
  }
}

/** The answer is not a Gradio app's, or cannot be read. */
export class ProtocolError extends GradioError {
  override get code(): "protocol" {
    return "protocol";
  }
}

/** Every error class of the SDK; `code` tells them apart. */
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

/** Whether another try of a failed call makes sense, as the app ran nothing: a full queue, a rate limit, or a call that never arrived. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.accepted === false;
  return error instanceof QueueFullError || error instanceof RateLimitError;
}
