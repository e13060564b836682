import { ConnectionError, type GradioError, ProtocolError } from "../errors.ts";
import { followSignals } from "../timers.ts";
import type { HeaderFields, TransportResponse, UploadFile } from "../transport.ts";
import { looksTruncated, parseExactJson, parseJson } from "./body.ts";
import { type Credentials, requestHeaders } from "./credentials.ts";
import { quote, wasNotSent } from "./errors.ts";
import { type Answer, type AnswerRules, exchange, exchangeForm, type ExchangeSettings, openBody } from "./exchange.ts";
import { sendWithKy } from "./ky.ts";
import { type RetryContext, type RetryPolicy, withRetry } from "./retry.ts";
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

/**
 * Sends the requests of one client, with credentials, retries and typed errors. ky carries plain requests; the transport streams
 * event streams, uploads and downloads.
 */
export class Http {
  readonly settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /** Resolves a path of the app to its URL. */
  url(path: string): URL {
    const { base } = this.settings;
    const url = new URL(path, base);
    if (url.origin !== base.origin) throw new ProtocolError(`The app's path ${quote(path)} leads to another host.`);
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
    const limit = idempotent || !keepalive ? retry.limit : 0;
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
  async openFile(url: URL, request: { signal: AbortSignal; headers?: HeaderFields }): Promise<TransportResponse> {
    const { base, credentials, timeout } = this.settings;
    const { signal } = request;
    const anonymous = { accept: "*/*" };
    return await this.#retry(
      async () => {
        const headers =
          url.origin === base.origin
            ? await requestHeaders(credentials, { ...anonymous, ...request.headers }, { signal, timeout })
            : anonymous;
        return await openBody(this.settings, { url, headers }, { signal, timeout, crossOrigin: "anonymous" });
      },
      { signal, maxRetryAfter: timeout },
    );
  }

  /**
   * Uploads files in one form, and reads the answer whole. The upload is retried unless it contains a stream, which can be read
   * only once.
   *
   * @param onProgress - called with the number of bytes of file content sent so far.
   * @throws FileTooLargeError; GradioError for every failure; the signal's reason.
   */
  async upload(
    path: string,
    files: readonly UploadFile[],
    { signal, onProgress }: { signal: AbortSignal; onProgress: (sent: number) => void },
  ): Promise<Answer> {
    const url = this.url(path);
    const { credentials, timeout } = this.settings;
    const attempt = async (): Promise<Answer> => {
      // The form has a content type of its own, with the boundary of its parts.
      const { "content-type": _, ...headers } = await requestHeaders(credentials, {}, { signal, timeout });
      return await exchangeForm(this.settings, { url, headers, field: "files", files, signal }, onProgress);
    };
    if (files.some((file) => "stream" in file)) return await attempt();
    return await this.#retry(attempt, { signal, maxRetryAfter: timeout });
  }

  async #retry<T>(attempt: () => Promise<T>, context: Omit<RetryContext, "policy">): Promise<T> {
    return await withRetry(attempt, { policy: this.settings.retry, ...context });
  }
}
