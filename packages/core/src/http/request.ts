import { ConnectionError, type GradioError, ProtocolError, TimeoutError } from "../errors.ts";
import type { HeaderFields, Transport, TransportResponse } from "../transport.ts";
import { type Limits, looksCut, parseJson, readText } from "./body.ts";
import { type Credentials, requestHeaders } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { isPassing, isUnheard, place, typed } from "./failures.ts";
import { isRedirect } from "./redirect-rules.ts";
import { repeated, type RetryPolicy } from "./repeat.ts";
import { parseRetryAfter, quote, statusError } from "./status.ts";
import { sendWithin } from "./within.ts";

/** What all requests of a client have in common. */
export interface HttpSettings {
  transport: Transport;
  /** Address of the app, with a slash at its end. No request but for a file that lies elsewhere leaves its origin. */
  base: URL;
  credentials: Credentials;
  /** Whether a REST service is asked, as the Hub is. Default `false`: an app. */
  rest?: boolean;
  /** Most milliseconds for one plain request, body and all. */
  timeout: number;
  retry: RetryPolicy;
  limits: Limits;
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
  /**
   * Whether it may be sent again when it fails. Default `false`: only when it certainly has not arrived, or was turned away
   * for coming too often.
   */
  repeat?: boolean;
  /** Most milliseconds that a server may ask to wait before it is sent again. Default: the client's time for one request. */
  patience?: number;
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

/** What a plain request is made of. */
interface Init {
  headers: HeaderFields;
  signal: AbortSignal;
  /** Sent with POST; without it the request is a GET. */
  body: string | undefined;
}

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
    const signals = [request.farewell ? undefined : closed, request.signal].filter((one) => one !== undefined);
    // Most requests have one signal: it will do as it is.
    const ended = signals.length === 1 ? null : new Deadline(signals, Infinity);
    const signal = ended?.signal ?? signals[0]!;
    try {
      signal.throwIfAborted();
      const url = this.url(request.path);
      const body = request.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
      const own = {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...request.headers,
      };
      const headers = await requestHeaders(credentials, own, { call: request.callHeaders, signal, timeout });
      return await this.#repeatedly(url, request, { headers, signal, body });
    } finally {
      ended?.end();
    }
  }

  /** Sends a request, and once more where that can do no harm. */
  async #repeatedly(url: URL, request: PlainRequest, init: Init): Promise<Answer> {
    const { timeout, retry } = this.settings;
    const { repeat = false, farewell = false, patience = Infinity } = request;
    let asked: number | null = null;
    let doubted = !repeat || retry.limit === 0;
    const attempt = async (): Promise<Answer> => {
      const { answer, ...told } = await this.#attempt(url, request, init);
      asked = told.retryAfter;
      if (told.error) throw told.error;
      if (doubted || answer.isJson || !looksCut(String(answer.body))) return answer;
      // Some platforms take a connection that breaks for the end of an answer. What comes twice is no accident.
      doubted = true;
      throw new ConnectionError(`The answer of ${place(url)} broke off.`);
    };
    return await repeated(attempt, {
      retry,
      signal: init.signal,
      again: (error) => (repeat ? isPassing(error) : !farewell && isUnheard(error)),
      floor: () => asked,
      most: Math.min(timeout, patience),
    });
  }

  /** Sends a request once. */
  async #attempt(
    url: URL,
    request: PlainRequest,
    init: Init,
  ): Promise<{ answer: Answer; retryAfter: number | null; error?: GradioError }> {
    const { timeout, limits } = this.settings;
    const deadline = new Deadline([init.signal], request.untimed === true ? Infinity : timeout);
    try {
      const response = await deadline.race(this.#plain(url, request, { ...init, signal: deadline.signal }));
      const address = response.url || url.href;
      if (request.redirectIsDone && isRedirect(response)) {
        await response.body?.cancel();
        return { answer: { url: address, body: {}, isJson: true }, retryAfter: null };
      }
      const read = readText(response, limits.body, deadline);
      // Of a failure the status is enough.
      const text = await (isOk(response) ? read : read.catch(() => ""));
      deadline.signal.throwIfAborted();
      const answer = { url: address, ...parse(text, limits.depth) };
      const { status, headers } = response;
      const retryAfter = parseRetryAfter(headers.get("retry-after"));
      if (isOk(response)) return { answer, retryAfter };
      const refused = { status, body: answer.body, isJson: answer.isJson };
      const error = request.refusal?.(refused) ?? statusError(status, { ...refused, headers }, url);
      return { answer, retryAfter, error };
    } catch (error) {
      init.signal.throwIfAborted();
      if (deadline.expired) throw new TimeoutError(`${place(url)} did not answer in time.`, { kind: "request" });
      throw typed(error, url);
    } finally {
      deadline.end();
    }
  }

  /** The head of an answer. */
  async #plain(url: URL, request: PlainRequest, init: Init): Promise<TransportResponse> {
    const { transport, base, onAnswer } = this.settings;
    const rules = { origin: base.origin, elsewhere: request.redirectIsDone ? "done" : "never" } as const;
    const sent = { url: url.href, ...init, rest: this.settings.rest === true, keepalive: request.farewell === true };
    const response = await sendWithin(transport, sent, rules);
    onAnswer?.(init.body === undefined ? "GET" : "POST", url.pathname, response.status);
    return response;
  }

  /**
   * Opens a body that is read as it comes, without a time limit: an event stream, a file.
   *
   * @param at - path of the app; or an address, which gets no credentials where it is on another origin.
   * @param background - the request must not keep the program alive.
   * @param repeat - given where the request may be repeated as long as nothing was answered: `least` milliseconds later, and
   *   `onRepeat` is told.
   */
  async open(
    at: string | URL,
    options: {
      signal: AbortSignal;
      accept?: string;
      background?: boolean;
      headers?: Readonly<Record<string, string>>;
      callHeaders?: PlainRequest["callHeaders"];
      repeat?: { least: number; onRepeat: (error: GradioError) => void };
    },
  ): Promise<TransportResponse> {
    const url = typeof at === "string" ? this.url(at) : at;
    const { signal, background = false, accept = "text/event-stream", headers: more, callHeaders: call } = options;
    const { base, credentials, transport, timeout, retry, onAnswer } = this.settings;
    const own = { accept, ...more };
    const stream = typeof at === "string";
    const rules = { origin: base.origin, elsewhere: stream ? "never" : "bare", once: stream } as const;
    let asked: number | null = null;
    const attempt = async (): Promise<TransportResponse> => {
      try {
        const headers =
          url.origin === base.origin ? await requestHeaders(credentials, own, { call, signal, timeout }) : { accept };
        const response = await sendWithin(transport, { url: url.href, headers, signal, background }, rules);
        onAnswer?.("GET", url.pathname, response.status);
        asked = parseRetryAfter(response.headers.get("retry-after"));
        if (!isOk(response)) throw await this.#refused(response, url);
        return response;
      } catch (error) {
        signal.throwIfAborted();
        throw typed(error, url);
      }
    };
    const { repeat } = options;
    if (!repeat) return await attempt();
    const again = (error: unknown): boolean => {
      if (!isPassing(error)) return false;
      repeat.onRepeat(error);
      return true;
    };
    const floor = (): number => Math.max(asked ?? 0, repeat.least);
    return await repeated(attempt, { retry, signal, again, floor, most: Math.max(timeout, repeat.least) });
  }

  async #refused(response: TransportResponse, url: URL): Promise<GradioError> {
    const { limits, timeout } = this.settings;
    const deadline = new Deadline([], timeout);
    const text = await readText(response, limits.body, deadline).catch(() => "");
    deadline.end();
    return statusError(response.status, { ...parse(text, limits.depth), headers: response.headers }, url);
  }
}

/** Whether an answer is what was asked for. */
export function isOk({ status }: TransportResponse): boolean {
  return status >= 200 && status <= 299;
}

/** The JSON that is in an answer, or its text where it is none. Throws ProtocolError for what is nested too deep. */
export function parse(text: string, depth: number): Pick<Answer, "body" | "isJson"> {
  try {
    return { body: parseJson(text, depth), isJson: true };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return { body: text, isJson: false };
  }
}
