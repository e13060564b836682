import ky, { HTTPError, isNetworkError, isTimeoutError } from "ky";
import {
  AuthenticationError,
  ConnectionError,
  FileTooLargeError,
  GradioError,
  ProtocolError,
  TimeoutError,
} from "../errors.ts";
import { LONGEST_DELAY } from "../timers.ts";
import type { Socket, Transport, Upload, UploadFile } from "../transport.ts";
import { type Credentials, requestHeaders } from "./credentials.ts";
import { fetchWithin } from "./redirects.ts";
import { detail, quote, statusError } from "./status.ts";

/** What all requests of a client have in common. */
export interface HttpSettings {
  transport: Transport;
  /** Address of the app, with a slash at its end. No request but for a file that lies elsewhere leaves its origin. */
  base: URL;
  credentials: Credentials;
  /** Most milliseconds for one plain request. */
  timeout: number;
  retry: { limit: number; minDelay: number; maxDelay: number };
  /** Aborted, with the reason, when the client ends. */
  closed: AbortSignal;
  /** Told of every answer: method, path and status, nothing else. */
  onAnswer?: ((method: string, path: string, status: number) => void) | undefined;
}

/** One plain request: short, and answered whole. */
export interface PlainRequest {
  /** Relative to the app's address. */
  path: string;
  /** Sent as JSON with POST; without it the request is a GET. */
  json?: unknown;
  /** A body that was written already, in place of `json`; `headers` may name its type, else it is JSON. */
  body?: string;
  /** The SDK's own headers for this request. */
  headers?: Readonly<Record<string, string>>;
  /** The caller's headers for this call. */
  callHeaders?: Readonly<Record<string, string>> | Headers | undefined;
  signal?: AbortSignal | undefined;
  /** Whether it may be sent again when it fails. Default `false`. */
  repeat?: boolean;
  /** The request outlives the page that sent it, and the client that closes. Default `false`. */
  farewell?: boolean;
  /** Whether the answer may take as long as it likes: a function runs before it. Default `false`. */
  untimed?: boolean;
  /** Whether a redirect is all that the request is for. Default `false`: it is followed within the origin. */
  redirectIsDone?: boolean;
  /** Knows what a status means for this request; where it returns nothing, the general rule holds. */
  refusal?: (refusal: Refusal) => GradioError | undefined;
}

/** An answer with a status from 400 on. */
export interface Refusal {
  status: number;
  /** The JSON that was in it, or its text where it was none. */
  body: unknown;
  isJson: boolean;
}

/** An answer, read whole. */
export interface Answer {
  /** Address that answered, after redirects. */
  url: string;
  /** The JSON that was in it, or its text where it was none. */
  body: unknown;
  isJson: boolean;
}

/** How an app closes the WebSocket of somebody who has not logged in. */
const REFUSED = 1008;

/** Sends a client's requests, and makes typed errors of what goes wrong. */
export class Http {
  readonly settings: HttpSettings;

  constructor(settings: HttpSettings) {
    this.settings = settings;
  }

  /** The address of a path of the app. */
  url(path: string): URL {
    const { base } = this.settings;
    const url = new URL(path, base);
    if (url.origin !== base.origin) throw new ProtocolError(`The app's path ${quote(path)} leads to another host.`);
    return url;
  }

  /**
   * Sends a plain request and reads its answer; statuses below 400 come back as an answer.
   *
   * @throws ConnectionError, TimeoutError (`"request"`), or what {@link statusError} makes of the status; the signal's
   *   reason when it was aborted.
   */
  async send(request: PlainRequest): Promise<Answer> {
    const { credentials, closed, timeout } = this.settings;
    const signals = [request.farewell ? undefined : closed, request.signal].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    const patience = { signal, timeout };
    const url = this.url(request.path);
    const body = request.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
    const own = {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
    };
    try {
      const headers = await requestHeaders(credentials, own, { call: request.callHeaders, ...patience });
      return await this.#plain(url, request, {
        headers,
        signal,
        ...(body === undefined ? {} : { method: "post", body }),
      });
    } catch (error) {
      signal.throwIfAborted();
      // ky's own error holds the request with its headers, the token among them: nobody gets to see it.
      throw typed(isNetworkError(error) ? error.cause : error, url, request.refusal);
    }
  }

  async #plain(url: URL, request: PlainRequest, init: { headers: Headers; signal: AbortSignal }): Promise<Answer> {
    const { transport, base, timeout, retry, onAnswer } = this.settings;
    let address = url.href;
    const text = await ky(url, {
      ...init,
      fetch: async (input) => {
        const sent = input instanceof Request ? input : new Request(input);
        const response = await fetchWithin(transport, sent, {
          origin: base.origin,
          elsewhere: request.redirectIsDone ? "done" : "never",
        });
        if (response.url) address = response.url;
        onAnswer?.(sent.method, url.pathname, response.status);
        return response;
      },
      keepalive: request.farewell === true,
      timeout: request.untimed === true || timeout > LONGEST_DELAY ? false : timeout,
      retry: {
        limit: request.repeat === true ? Math.min(retry.limit, 1_000) : 0,
        methods: ["get", "post"],
        statusCodes: [408, 425, 429, 500, 502, 503, 504],
        delay: (attempt) => Math.min(retry.maxDelay, retry.minDelay * 2 ** attempt),
        jitter: true,
        maxRetryAfter: Math.max(retry.maxDelay, timeout),
        retryOnTimeout: true,
        // ky knows the network errors of platforms, not those of a transport somebody wrote.
        shouldRetry: ({ error }) =>
          error instanceof HTTPError || isTimeoutError(error) ? undefined : !(error instanceof GradioError),
      },
    }).text();
    return { url: address, ...parse(text) };
  }

  /**
   * Opens a body that is read as it comes, without a time limit: an event stream, a file.
   *
   * @param at - path of the app; or an address, which gets no credentials where it is on another origin.
   * @param background - the request must not keep the program alive.
   */
  async open(
    at: string | URL,
    options: {
      signal: AbortSignal;
      accept?: string;
      background?: boolean;
      headers?: Readonly<Record<string, string>>;
      callHeaders?: PlainRequest["callHeaders"];
    },
  ): Promise<Response> {
    const url = typeof at === "string" ? this.url(at) : at;
    const { signal, background = false, accept = "text/event-stream", headers: more, callHeaders: call } = options;
    const { base, credentials, transport, timeout, onAnswer } = this.settings;
    try {
      const own = { accept, ...more };
      const headers =
        url.origin === base.origin
          ? await requestHeaders(credentials, own, { call, signal, timeout })
          : new Headers({ accept });
      const rules = { origin: base.origin, elsewhere: typeof at === "string" ? "never" : "bare" } as const;
      const response = await fetchWithin(transport, new Request(url, { headers, signal }), rules, { background });
      onAnswer?.("GET", url.pathname, response.status);
      if (!response.ok)
        throw statusError(response.status, { ...parse(await response.text()), headers: response.headers }, url);
      return response;
    } catch (error) {
      signal.throwIfAborted();
      throw typed(error, url);
    }
  }

  /**
   * Opens a WebSocket.
   *
   * @param onClose - called once with what the end of the socket means to somebody who still needed it.
   */
  async openSocket(
    path: string,
    options: {
      signal: AbortSignal;
      headers?: Readonly<Record<string, string>>;
      callHeaders: PlainRequest["callHeaders"];
      onMessage: (text: string) => void;
      onClose: (error: GradioError) => void;
    },
  ): Promise<Socket> {
    const { signal, headers: own = {}, callHeaders, onMessage, onClose } = options;
    const { credentials, transport, timeout } = this.settings;
    const url = this.url(path);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    if (!transport.openSocket)
      throw new ProtocolError("The app is one of Gradio 3, which wants a WebSocket; this transport opens none.");
    const headers = await requestHeaders(credentials, own, { call: callHeaders, signal, timeout });
    signal.throwIfAborted();
    return transport.openSocket({
      url,
      headers,
      signal,
      onMessage,
      onClose: (code, cause) => onClose(code === REFUSED ? refusedSocket(url) : typed(cause, url)),
    });
  }

  /**
   * Uploads files in one form, and reads the answer.
   *
   * @param onProgress - called with the bytes of file content sent so far.
   */
  async upload(
    path: string,
    files: readonly UploadFile[],
    options: { signal: AbortSignal; onProgress: (sent: number) => void },
  ): Promise<Answer> {
    const url = this.url(path);
    const { signal, onProgress } = options;
    const { credentials, transport, timeout, onAnswer } = this.settings;
    try {
      const headers = await requestHeaders(credentials, {}, { signal, timeout });
      // The form brings its own type, which tells where its parts end.
      headers.delete("content-type");
      const upload: Upload = { url, headers, field: "files", files, signal };
      const response = await transport.upload(upload, onProgress);
      onAnswer?.("POST", url.pathname, response.status);
      const answer = parse(await response.text());
      if (response.status === 413)
        throw new FileTooLargeError(`The app takes no file of this size. ${detail(answer.body)}`, { status: 413 });
      if (!response.ok) throw statusError(response.status, { ...answer, headers: response.headers }, url);
      return { url: url.href, ...answer };
    } catch (error) {
      signal.throwIfAborted();
      throw typed(error, url);
    }
  }
}

function refusedSocket(url: URL): AuthenticationError {
  return new AuthenticationError(`The app refused access to ${url.origin}${url.pathname}.`);
}

function parse(text: string): Pick<Answer, "body" | "isJson"> {
  try {
    return { body: JSON.parse(text) as unknown, isJson: true };
  } catch {
    return { body: text, isJson: false };
  }
}

/** Makes an error of the SDK of whatever was thrown. */
function typed(error: unknown, url: URL, refusal?: PlainRequest["refusal"]): GradioError {
  if (error instanceof GradioError) return error;
  const to = `${url.origin}${url.pathname}`;
  if (error instanceof HTTPError) {
    const { response, data } = error;
    const body: unknown = data ?? "";
    const refused = { status: response.status, body, isJson: typeof body === "object" };
    return refusal?.(refused) ?? statusError(response.status, { ...refused, headers: response.headers }, url);
  }
  if (isTimeoutError(error)) return new TimeoutError(`${to} did not answer in time.`, { kind: "request" });
  const accepted = neverSent(error) ? false : null;
  return new ConnectionError(`The connection to ${to} failed: ${reason(error)}`, { cause: error, accepted });
}

/** Whether the platform says that not one byte has left. */
function neverSent(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? cause.code : undefined;
    if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EHOSTUNREACH") return true;
  }
  return false;
}

/** The innermost sentence that the platform gave. */
function reason(error: unknown): string {
  let sentence = "no reason was given";
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause.message) sentence = cause.message;
  return sentence;
}
