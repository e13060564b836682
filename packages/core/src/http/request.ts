import { ConnectionError, type GradioError, ProtocolError, TimeoutError } from "../errors.ts";
import { followSignals, settleWithin, whileActive } from "../timers.ts";
import type { HeaderFields, TransportRequest, TransportResponse, UploadFile } from "../transport.ts";
import { looksTruncated, parseExactJson, parseJson } from "./body.ts";
import { type Credentials, requestHeaders } from "./credentials.ts";
import { quote, wasNotSent } from "./errors.ts";
import { type Answer, type AnswerRules, exchange, exchangeForm, type ExchangeSettings, openBody } from "./exchange.ts";
import { type RetryContext, type RetryPolicy, sendWithKy, withRetry } from "./retry.ts";
import { redactedUrl } from "./urls.ts";

export type { Answer, Refusal } from "./exchange.ts";

/** Settings of all requests of one client. */
export interface HttpSettings extends ExchangeSettings {
  credentials: Credentials;
  /** Time limit for one attempt of a plain request, its body included, in milliseconds. */
  timeout: number;
  retry: RetryPolicy;
  /** Aborted, with the reason, when the client ends. */
  closed: AbortSignal;
}

/** A plain request: a short one whose answer is read whole. A GET, or a POST where it has a body. */
export interface PlainRequest extends AnswerRules {
  /** Relative to the app's address. */
  path: string;
  /** Body, sent as JSON. */
  json?: unknown;
  /** Body as text, instead of `json`. Its type is JSON unless `headers` has another one. */
  body?: string;
  /** The SDK's own headers for this request. */
  headers?: HeaderFields;
  /** The caller's headers for this call. */
  callHeaders?: Readonly<Record<string, string>> | Headers | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Whether the request may arrive more than once, so that transient failures are retried. Default `false`: it is retried only
   * where it certainly had no effect.
   */
  idempotent?: boolean;
  /** Maximum delay that a server may ask for before a retry, in milliseconds. Default: the time limit of one attempt. */
  maxRetryAfter?: number;
  /** Whether the request outlives the page that sent it, and a client that closes. It is not retried then. Default `false`. */
  keepalive?: boolean;
  /** Whether the time limit applies. Default `true`; `false` where a function runs before the answer. */
  timed?: boolean;
}

/** Request for an event stream. */
export interface StreamRequest {
  signal: AbortSignal;
  /** Whether the request must not keep the program alive. Default `false`. */
  background?: boolean;
  /** The SDK's own headers for this request. */
  headers?: HeaderFields;
  /** The caller's headers for this call. */
  callHeaders?: PlainRequest["callHeaders"];
  /** Given where the request may be repeated as long as no answer has arrived. Default: it is sent once. */
  retry?: { minDelay: number; onRetry: (error: GradioError) => void };
}

/** Options of an upload. */
export interface UploadRequest {
  signal: AbortSignal;
  /** Called with the number of bytes of file content sent so far. */
  onProgress: (sent: number) => void;
  /** Called for each attempt, with a function to be called whenever a file is read. */
  onStart?: ((touch: () => void) => void) | undefined;
  /** Time without a byte after which it fails, in milliseconds. Default: five minutes. */
  idleTimeout?: number | undefined;
}

/** Request for a file. */
export interface FileRequest {
  signal: AbortSignal;
  headers?: HeaderFields;
  /** Time without a byte after which it fails, in milliseconds. Default: five minutes. */
  idleTimeout?: number | undefined;
  /** Returns whether a redirect may lead to a URL of another origin. Default: to any. */
  allows?: ((url: URL) => boolean) | undefined;
}

/** Request of an adapter: a GET, or a POST where it has a body. */
export interface ForwardedRequest {
  headers?: PlainRequest["callHeaders"];
  body?: TransportRequest["body"];
  signal: AbortSignal;
}

/** Time without a byte after which a transfer fails by default, in milliseconds. */
export const IDLE_TIMEOUT = 300_000;
/** Time for an answer that has nothing to wait for, in milliseconds: the head of a file, or the answer to a sent upload. */
const ANSWER_TIMEOUT = 120_000;
/** Minimum speed of an upload through a transport that does not report progress, in bytes per millisecond. */
const SLOWEST = 1;

function answerTimeout(idleTimeout: number): number {
  return idleTimeout === Infinity ? Infinity : Math.min(idleTimeout, ANSWER_TIMEOUT);
}

/** Creates the error for a transfer in which no byte was sent or received for a time in milliseconds. */
export function idleError(url: URL, timeout: number): TimeoutError {
  const message = `No byte was sent to or received from ${redactedUrl(url)} within ${timeout / 1_000} s.`;
  return new TimeoutError(message, { kind: "idle" });
}

/** Maximum number of characters of a text in which secrets are searched before it is quoted. */
const MAX_SEARCHED = 100_000;

/**
 * Sends the requests of one client, with credentials, retries and typed errors. ky carries plain requests; the transport streams
 * event streams, uploads and downloads.
 */
export class Http {
  readonly settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /** Returns at most 200 characters of a server's text, without secrets and control characters. */
  quote(text: string): string {
    return quote(this.settings.secrets.remove(text.slice(0, MAX_SEARCHED)));
  }

  /** Resolves a path of the app to its URL. */
  url(path: string): URL {
    const { base } = this.settings;
    const url = new URL(path, base);
    if (url.origin !== base.origin)
      throw new ProtocolError(`The app's path ${this.quote(path)} leads to another host.`);
    return url;
  }

  /**
   * Parses a message of a call, which may contain outputs.
   *
   * @throws ProtocolError for a value that is nested too deep; SyntaxError for text that is not JSON.
   */
  parseMessage(text: string): unknown {
    const { limits, bigints = false } = this.settings;
    return bigints ? parseExactJson(text, limits.depth) : parseJson(text, limits.depth);
  }

  /**
   * Sends a plain request and reads its answer.
   *
   * @throws ConnectionError, TimeoutError (`"request"`), or the error for the status; the signal's reason when it is aborted.
   */
  async send(request: PlainRequest): Promise<Answer> {
    const { closed } = this.settings;
    const { signal, release } = followSignals([request.keepalive ? undefined : closed, request.signal]);
    try {
      signal.throwIfAborted();
      return await this.#send(request, signal);
    } catch (error) {
      throw this.settings.secrets.hide(error);
    } finally {
      release();
    }
  }

  async #send(request: PlainRequest, signal: AbortSignal): Promise<Answer> {
    const { credentials, timeout, retry } = this.settings;
    const { idempotent = false, keepalive = false, timed = true, maxRetryAfter = Infinity } = request;
    const url = this.url(request.path);
    // `JSON.stringify(undefined)` is undefined: no body.
    const body: string | undefined = request.body ?? JSON.stringify(request.json);
    const type = body === undefined ? undefined : { "content-type": "application/json" };
    const own = { accept: "application/json", ...type, ...request.headers };
    const headers = await requestHeaders(credentials, own, { call: request.callHeaders, signal, timeout });
    const limit = keepalive ? 0 : retry.limit;
    let mayBeTruncated = idempotent && limit > 0;
    const attempt = async (ended: AbortSignal): Promise<Answer> => {
      const sent = { url, headers, body, keepalive };
      const answer = await exchange(this.settings, sent, { ...request, signal: ended });
      if (!mayBeTruncated || answer.isJson || !looksTruncated(String(answer.body))) return answer;
      // Some platforms report a broken connection as the end of the body. An answer that is the same twice is accepted.
      mayBeTruncated = false;
      throw new ConnectionError(`The answer of ${redactedUrl(url)} is incomplete.`);
    };
    return await sendWithKy(attempt, {
      url,
      method: body === undefined ? "GET" : "POST",
      timeout: timed ? timeout : Infinity,
      startsEarly: idempotent,
      headStart: this.settings.transport.headStart,
      policy: { ...retry, limit },
      signal,
      maxRetryAfter: Math.min(timeout, maxRetryAfter),
      ...(idempotent ? {} : { isRetryable: wasNotSent }),
    });
  }

  /**
   * Opens an event stream of the app. It is requested uncompressed, because compression delays the parts of an answer.
   *
   * @throws GradioError for every failure and every status that is not a success; the signal's reason.
   */
  async open(path: string, request: StreamRequest): Promise<TransportResponse> {
    const url = this.url(path);
    const { signal, background = false, callHeaders: call, retry } = request;
    const { credentials, timeout } = this.settings;
    const own = { accept: "text/event-stream", "accept-encoding": "identity", ...request.headers };
    const attempt = async (): Promise<TransportResponse> => {
      const headers = await requestHeaders(credentials, own, { call, signal, timeout });
      // A session's messages are delivered once: a request that only finds out where a redirect leads would consume them.
      return await openBody(this.settings, { url, headers, background }, { signal, timeout, probe: false });
    };
    if (!retry) return await attempt();
    const { minDelay, onRetry } = retry;
    return await this.#retry(attempt, {
      signal,
      minDelay,
      maxRetryAfter: Math.max(timeout, minDelay),
      onRetry,
    });
  }

  /**
   * Opens a file for reading, with retries. A file of another origin is requested without credentials and headers, also where a
   * redirect leads to it.
   *
   * @throws GradioError for every failure and every status that is not a success; the signal's reason.
   */
  async openFile(url: URL, request: FileRequest): Promise<TransportResponse> {
    const { base, credentials, timeout } = this.settings;
    const { signal, allows, idleTimeout = IDLE_TIMEOUT } = request;
    const anonymous = { accept: "*/*" };
    const limit = answerTimeout(idleTimeout);
    const rules = { timeout, allows, crossOrigin: "anonymous" } as const;
    return await this.#retry(
      async () => {
        const headers =
          url.origin === base.origin
            ? await requestHeaders(credentials, { ...anonymous, ...request.headers }, { signal, timeout })
            : anonymous;
        // The signal of the request ends its body, too: it must not be aborted once the head has arrived.
        const head = new AbortController();
        const ended = AbortSignal.any([signal, head.signal]);
        const opening = openBody(this.settings, { url, headers }, { ...rules, signal: ended });
        try {
          return await settleWithin(opening, {
            signal,
            timeout: limit,
            timeoutError: () => idleError(url, limit),
          });
        } catch (error) {
          head.abort(error);
          throw error;
        }
      },
      { signal, maxRetryAfter: timeout },
    );
  }

  /**
   * Sends one request of an adapter, and returns its answer with any status. A URL of another origin is requested without
   * credentials and headers.
   *
   * @throws GradioError where there is no answer; the signal's reason.
   */
  async forward(url: URL, request: ForwardedRequest): Promise<TransportResponse> {
    const { base, credentials, timeout } = this.settings;
    const { signal, headers: call, body } = request;
    const isOwn = url.origin === base.origin;
    const headers = isOwn ? await requestHeaders(credentials, { accept: "*/*" }, { call, signal, timeout }) : {};
    const rules = { signal, timeout, crossOrigin: "anonymous", anyStatus: true } as const;
    return await openBody(this.settings, { url, headers, body }, rules);
  }

  /**
   * Uploads files in one form, and reads the answer whole. The upload is retried unless it contains a stream, which can be read
   * only once.
   *
   * @throws FileTooLargeError; TimeoutError (`"idle"`); GradioError for every failure; the signal's reason.
   */
  async upload(path: string, files: readonly UploadFile[], options: UploadRequest): Promise<Answer> {
    const url = this.url(path);
    const { credentials, timeout, transport } = this.settings;
    const { signal, onProgress, onStart, idleTimeout = IDLE_TIMEOUT } = options;
    const size = files.reduce((sum, file) => sum + ("blob" in file ? file.blob.size : Infinity), 0);
    const attempt = async (ended: AbortSignal, touch: (limit?: number) => void): Promise<Answer> => {
      // The form has a content type of its own, with the boundary of its parts.
      const { "content-type": _, ...headers } = await requestHeaders(credentials, {}, { signal: ended, timeout });
      onStart?.(touch);
      touch(transport.reportsProgress ? idleTimeout : idleTimeout + size / SLOWEST);
      const form = { url, headers, field: "files", files, signal: ended };
      return await exchangeForm(this.settings, form, (sent) => {
        touch(sent < size ? idleTimeout : answerTimeout(idleTimeout));
        onProgress(sent);
      });
    };
    const timeoutError = (limit: number): TimeoutError => idleError(url, limit);
    const limited = (): Promise<Answer> => whileActive(attempt, { signal, timeout: idleTimeout, timeoutError });
    if (files.some((file) => "stream" in file)) return await limited();
    return await this.#retry(limited, { signal, maxRetryAfter: timeout });
  }

  async #retry<T>(attempt: () => Promise<T>, context: Omit<RetryContext, "policy">): Promise<T> {
    return await withRetry(attempt, { policy: this.settings.retry, ...context });
  }
}
