import { FileTooLargeError, type GradioError, ProtocolError } from "../errors.ts";
import { settleWithin } from "../timers.ts";
import type { HeaderFields, Transport, TransportRequest, TransportResponse, Upload } from "../transport.ts";
import { type Limits, parseExactJson, parseJson, readText } from "./body.ts";
import { detail, statusError, toGradioError } from "./errors.ts";
import type { Secrets } from "./secrets.ts";
import { redactedUrl } from "./urls.ts";
import { isRedirect, type RedirectRules, sendFollowingRedirects } from "./redirects.ts";

// One attempt of each kind of request. Retries and time limits are applied by the callers.

/** Settings of all attempts of one client. */
export interface ExchangeSettings {
  transport: Transport;
  /** Address of the app, with a slash at its end. Only files may be requested from other origins. */
  base: URL;
  limits: Limits;
  /** Whether integers beyond 2^53 in outputs of functions are parsed to `bigint`. Default `false`. */
  bigints?: boolean | undefined;
  /** `false`: a platform with cookies of its own sends none. Default: the transport decides. */
  cookies?: false | undefined;
  /** Replaced in errors, and in the body of an answer that is not a success. */
  secrets: Secrets;
  /** Called for every answer with method, path and status. */
  onAnswer?: ((method: string, path: string, status: number) => void) | undefined;
}

/** Request of one attempt. */
export interface ExchangeRequest extends Pick<TransportRequest, "body" | "keepalive" | "background"> {
  url: URL;
  headers: HeaderFields;
}

/** The body of an answer that was read whole. */
export interface AnswerBody {
  /** The parsed JSON, or the text where it is not JSON. */
  body: unknown;
  isJson: boolean;
}

/** An answer that was read whole. */
export interface Answer extends AnswerBody {
  /** URL that answered, after redirects. */
  url: string;
}

/** An answer with a status of an error. Its body is without secrets. */
export interface Refusal extends AnswerBody {
  status: number;
}

/** Rules for the answer of a plain request. */
export interface AnswerRules {
  /** `"manual"`: a redirect is the answer, with an empty object as its body. Default `"follow"`, within the origin. */
  redirect?: "follow" | "manual";
  /** Whether the answer is an output of a function. Default `false`. */
  isOutput?: boolean;
  /** Creates the error for a status that has a meaning of its own for this request. Default {@link statusError}. */
  toError?: (refusal: Refusal) => GradioError | undefined;
}

/**
 * Sends a plain request once and reads its answer whole. This is what ky receives as `fetch`, except for the Response.
 *
 * @param signal - ends the attempt at once, also where the transport ignores it.
 * @throws GradioError for every failure and every status that is not a success; the signal's reason.
 */
export async function exchange(
  settings: ExchangeSettings,
  request: ExchangeRequest,
  rules: AnswerRules & { signal: AbortSignal },
): Promise<Answer> {
  const { url } = request;
  const { redirect = "follow", isOutput = false, toError, signal } = rules;
  const parse = isOutput && settings.bigints === true ? parseExactJson : parseJson;
  const attempt = async (): Promise<Answer> => {
    const response = await sendHead(settings, request, signal, { redirect });
    const address = response.url || url.href;
    if (redirect === "manual" && isRedirect(response)) {
      await response.body?.cancel();
      return { url: address, body: {}, isJson: true };
    }
    const answer = await readAnswer(response, settings, signal, parse);
    if (isSuccess(response)) return { url: address, ...answer };
    throw toError?.({ status: response.status, ...answer }) ?? statusError(response, answer.body, url);
  };
  return await typed(settleWithin(attempt(), { signal }), { url, signal, ...settings });
}

/**
 * Sends a request once and returns its answer with an unread body, for a body that is streamed.
 *
 * @param timeout - for the body of an answer that is not a success, in milliseconds.
 * @param anyStatus - whether an answer that is not a success is returned, too. Default `false`.
 * @throws GradioError for every failure and every status that is not a success; the signal's reason.
 */
export async function openBody(
  settings: ExchangeSettings,
  request: ExchangeRequest,
  rules: Omit<RedirectRules, "origin" | "secrets"> & { signal: AbortSignal; timeout: number; anyStatus?: boolean },
): Promise<TransportResponse> {
  const { url } = request;
  const { signal, timeout, anyStatus = false, ...redirects } = rules;
  const attempt = async (): Promise<TransportResponse> => {
    const response = await sendHead(settings, request, signal, redirects);
    if (anyStatus || isSuccess(response)) return response;
    const { body } = await settleWithin(readAnswer(response, settings, signal), { signal, timeout });
    throw statusError(response, body, url);
  };
  return await typed(attempt(), { url, signal, ...settings });
}

/**
 * Uploads files once, in one form, and reads the answer whole.
 *
 * @param onProgress - called with the number of bytes of file content sent so far.
 * @throws FileTooLargeError; GradioError as {@link exchange}; the signal's reason.
 */
export async function exchangeForm(
  settings: ExchangeSettings,
  form: Upload,
  onProgress: (sent: number) => void,
): Promise<Answer> {
  const { url, signal } = form;
  const attempt = async (): Promise<Answer> => {
    settings.secrets.addHeaders(form.headers);
    const response = await settings.transport.upload(form, onProgress);
    settings.secrets.addCookies(response);
    settings.onAnswer?.("POST", url.pathname, response.status);
    if (isRedirect(response)) {
      await response.body?.cancel();
      throw new ProtocolError(`${redactedUrl(url)} redirects an upload. Connect to the address that it redirects to.`, {
        status: response.status,
      });
    }
    const answer = await readAnswer(response, settings, signal);
    if (isSuccess(response)) return { url: url.href, ...answer };
    if (response.status !== 413) throw statusError(response, answer.body, url);
    throw new FileTooLargeError(`The app does not accept a file of this size. ${detail(answer.body)}`, { status: 413 });
  };
  return await typed(settleWithin(attempt(), { signal }), { url, signal, ...settings });
}

/** Converts the error of an attempt. An abort's reason is passed on unchanged. */
async function typed<T>(
  attempt: Promise<T>,
  { url, signal, secrets }: { url: URL; signal: AbortSignal; secrets: Secrets },
): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    signal.throwIfAborted();
    throw secrets.hide(toGradioError(error, url));
  }
}

async function sendHead(
  { transport, base, cookies, secrets, onAnswer }: ExchangeSettings,
  { url, ...request }: ExchangeRequest,
  signal: AbortSignal,
  rules: Omit<RedirectRules, "origin" | "secrets">,
): Promise<TransportResponse> {
  const sent = { ...request, ...(cookies === false && { cookies }), url: url.href, signal };
  const response = await sendFollowingRedirects(transport, sent, { ...rules, origin: base.origin, secrets });
  onAnswer?.(request.body === undefined ? "GET" : "POST", url.pathname, response.status);
  return response;
}

/** Maximum number of bytes of the body of an error. Only its message is quoted. */
const MAX_ERROR_BODY = 1_048_576;

/** Reads an answer whole. Of an error, the status is enough where the body fails or is too long. */
async function readAnswer(
  response: TransportResponse,
  { limits, secrets }: Pick<ExchangeSettings, "limits" | "secrets">,
  signal: AbortSignal,
  parse = parseJson,
): Promise<AnswerBody> {
  if (isSuccess(response)) return parseAnswer(await readText(response, { limit: limits.body, signal }), limits, parse);
  const limit = Math.min(limits.body, MAX_ERROR_BODY);
  const { body, isJson } = parseAnswer(await readText(response, { limit, signal }).catch(() => ""), limits);
  return { body: secrets.removeFrom(body), isJson };
}

function parseAnswer(text: string, { depth }: Limits, parse = parseJson): AnswerBody {
  try {
    return { body: parse(text, depth), isJson: true };
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return { body: text, isJson: false };
  }
}

function isSuccess({ status }: TransportResponse): boolean {
  return status >= 200 && status <= 299;
}
