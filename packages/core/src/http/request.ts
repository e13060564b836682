import { ConnectionError, type GradioError, ProtocolError, TimeoutError } from "../errors.ts";
import type { Transport, TransportRequest, TransportResponse } from "../transport.ts";
import { type Limits, looksCut, parseJson, readText } from "./body.ts";
import { type Credentials, requestHeaders } from "./credentials.ts";
import { Deadline } from "./deadline.ts";
import { isPassing, isUnheard, place, typed } from "./failures.ts";
import { isRedirect, type RedirectRules } from "./redirect-rules.ts";
import { repeated, type RetryPolicy } from "./repeat.ts";
import { quote, retryAfterOf, statusError } from "./status.ts";
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
   * Sends a plain request and reads its answer; once more where that can do no harm. Statuses below 400 come back as an answer.
   *
   * @throws ConnectionError, TimeoutError (`"request"`), or what {@link statusError} makes of the status; the signal's
   *   reason when it was aborted.
   */
  async send(request: PlainRequest): Promise<Answer> {
    const { credentials, closed, timeout, retry } = this.settings;
    const { callHeaders: call, repeat = false, farewell = false, patience = Infinity } = request;
    const ended = new Deadline([farewell ? undefined : closed, request.signal], Infinity);
    const { signal } = ended;
    try {
      signal.throwIfAborted();
      const url = this.url(request.path);
      // Of nothing, JSON makes nothing.
      const body: string | undefined = request.body ?? JSON.stringify(request.json);
      const own = {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...request.headers,
      };
      const headers = await requestHeaders(credentials, own, { call, signal, timeout });
      let doubted = !repeat || retry.limit === 0;
      const attempt = async (): Promise<Answer> => {
        const answer = await this.#attempt(url, request, { headers, signal, body });
        if (doubted || answer.isJson || !looksCut(String(answer.body))) return answer;
        // Some platforms take a connection that breaks for the end of an answer. What comes twice is no accident.
        doubted = true;
        throw new ConnectionError(`The answer of ${place(url)} broke off.`);
      };
      return await repeated(attempt, {
        retry,
        signal,
        again: (error) => (repeat ? isPassing(error) : !farewell && isUnheard(error)),
        floor: retryAfterOf,
        most: Math.min(timeout, patience),
      });
    } finally {
      ended.end();
    }
  }

  /** Sends a request once. */
  async #attempt(url: URL, request: PlainRequest, sent: Sent): Promise<Answer> {
    const { timeout } = this.settings;
    const { untimed = false, farewell = false, redirectIsDone = false, refusal } = request;
    const deadline = new Deadline([sent.signal], untimed ? Infinity : timeout);
    try {
      const elsewhere = redirectIsDone ? "done" : "never";
      const head = this.#head(url, { ...sent, signal: deadline.signal, keepalive: farewell }, { elsewhere });
      const response = await deadline.race(head);
      const address = response.url || url.href;
      if (redirectIsDone && isRedirect(response)) {
        await response.body?.cancel();
        return { url: address, body: {}, isJson: true };
      }
      const answer = { url: address, ...(await this.#said(response, deadline)) };
      deadline.signal.throwIfAborted();
      if (isOk(response)) return answer;
      throw refusal?.({ status: response.status, ...answer }) ?? statusError(response, answer.body, url);
    } catch (error) {
      sent.signal.throwIfAborted();
      if (deadline.expired) throw new TimeoutError(`${place(url)} did not answer in time.`, { kind: "request" });
      throw typed(error, url);
    } finally {
      deadline.end();
    }
  }

  /** The head of an answer. */
  async #head(url: URL, sent: Sent, rules: Omit<RedirectRules, "origin">): Promise<TransportResponse> {
    const { transport, base, rest = false, onAnswer } = this.settings;
    const response = await sendWithin(transport, { ...sent, url: url.href, rest }, { ...rules, origin: base.origin });
    onAnswer?.(sent.body === undefined ? "GET" : "POST", url.pathname, response.status);
    return response;
  }

  /** What an answer says. Of a failure the status is enough. */
  async #said(response: TransportResponse, deadline: Deadline): Promise<Pick<Answer, "body" | "isJson">> {
    const { body, depth } = this.settings.limits;
    const read = readText(response, body, deadline);
    return parse(await (isOk(response) ? read : read.catch(() => "")), depth);
  }

  /**
   * Opens an event stream of the app.
   *
   * @param background - the request must not keep the program alive.
   * @param repeat - given where the request may be repeated as long as nothing was answered: `least` milliseconds later, and
   *   `onRepeat` is told.
   */
  async open(
    path: string,
    options: {
      signal: AbortSignal;
      background?: boolean;
      headers?: Readonly<Record<string, string>>;
      callHeaders?: PlainRequest["callHeaders"];
      repeat?: { least: number; onRepeat: (error: GradioError) => void };
    },
  ): Promise<TransportResponse> {
    const url = this.url(path);
    const { signal, background = false, callHeaders: call, repeat } = options;
    const { credentials, timeout, retry } = this.settings;
    const own = { accept: "text/event-stream", ...options.headers };
    const attempt = async (): Promise<TransportResponse> => {
      const headers = await requestHeaders(credentials, own, { call, signal, timeout });
      return await this.openBody(url, { headers, signal, background }, { once: true });
    };
    if (!repeat) return await attempt();
    const { least, onRepeat } = repeat;
    const again = (error: unknown): boolean => {
      if (!isPassing(error)) return false;
      onRepeat(error);
      return true;
    };
    const floor = (error: unknown): number => Math.max(least, retryAfterOf(error));
    return await repeated(attempt, { retry, signal, again, floor, most: Math.max(timeout, least) });
  }

  /** Opens a body that is read as it comes, without a time limit. What is no success is an error. */
  async openBody(url: URL, sent: Sent, rules: Omit<RedirectRules, "origin">): Promise<TransportResponse> {
    try {
      const response = await this.#head(url, sent, rules);
      if (isOk(response)) return response;
      const deadline = new Deadline([], this.settings.timeout);
      const { body } = await this.#said(response, deadline).finally(() => deadline.end());
      throw statusError(response, body, url);
    } catch (error) {
      sent.signal.throwIfAborted();
      throw typed(error, url);
    }
  }
}

/** What a request is made of, beside its address. */
type Sent = Omit<TransportRequest, "url" | "rest" | "redirect">;

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
