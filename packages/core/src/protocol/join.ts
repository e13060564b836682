import { ConnectionError, type GradioError, ProtocolError, QueueFullError, ValidationError } from "../errors.ts";
import { type Fields, isFields, list, text, listed } from "../fields.ts";
import { printable } from "../http/redaction.ts";
import { looksTruncated } from "../http/body.ts";
import type { Http, Refusal } from "../http/request.ts";
import { detail, quote } from "../http/errors.ts";
import { encodePart } from "../http/urls.ts";
import type { PreparedCall } from "./protocol.ts";

/**
 * Posts a call to the app's queue (PROTOCOL.md, 2.4). It is sent once, unless the app certainly did not accept it. Without a response
 * that is unknown.
 *
 * @returns the app's id of the call.
 */
export async function join(http: Http, prefix: string, call: PreparedCall, sessionHash: string): Promise<string> {
  const { byName, endpoint, data } = call;
  const response = await http.send({
    path: submissionPath(byName ? `${prefix}call/${encodePart(endpoint.slice(1))}` : `${prefix}queue/join`, call),
    json: byName ? { data, session_hash: sessionHash } : callBody(call, sessionHash),
    headers: await submissionHeaders(call),
    callHeaders: call.headers,
    maxRetryAfter: call.deadline - performance.now(),
    toError: (refusal) => refusalOf(refusal, call),
  });
  const { body } = response;
  const eventId = isFields(body) ? text(body["event_id"]) : null;
  if (eventId) return eventId;
  if (!response.isJson && looksTruncated(String(body)))
    throw new ConnectionError(
      `The app's response to the call of ${call.endpoint} is incomplete. The app may have accepted the call.`,
    );
  const said = typeof body === "string" ? body : JSON.stringify(body);
  throw new ProtocolError(`The app's response to the call of ${call.endpoint} has no event id: ${http.quote(said)}`);
}

/** Header that marks a call as one of a program. Apps distinguish these from calls of their own pages. */
export const fromProgram: Readonly<Record<string, string>> = { "x-gradio-user": "api" };

/** Returns the headers of a call's submission: the SDK's own, and those that the platform adds. */
export async function submissionHeaders({ joinHeaders }: PreparedCall): Promise<Readonly<Record<string, string>>> {
  return { ...fromProgram, ...(await joinHeaders?.()) };
}

/**
 * Returns the path of a call's submission with the caller's query, which the function sees (PROTOCOL.md, 5.9).
 *
 * @param own - parameters that the request itself needs. They replace the caller's.
 */
export function submissionPath(path: string, { query: given }: PreparedCall, own?: URLSearchParams): string {
  const query = new URLSearchParams(given);
  own?.forEach((value, name) => query.set(name, value));
  return query.size > 0 ? `${path}?${query}` : path;
}

/** Returns the body of a call's submission by function index, the same in every generation. */
export function callBody(call: PreparedCall, sessionHash: string): Record<string, unknown> {
  return {
    data: call.data,
    fn_index: call.fnIndex,
    session_hash: sessionHash,
    event_data: call.eventData,
    trigger_id: call.triggerId,
    oauth_token: call.oauthToken,
  };
}

/** Returns the error of a rejected call; `undefined` where the general rule for statuses applies. */
export function refusalOf({ status, body, isJson }: Refusal, call: PreparedCall): GradioError | undefined {
  const said = detail(body);
  if (status === 422) return invalid(body, call);
  if (status === 503 && isJson && said.startsWith("Queue is full"))
    return new QueueFullError(`${said} Try again later.`, { status });
  if (status === 502 || status === 503)
    return new ConnectionError(`The server did not accept the call: ${said}`, { status });
  if (status === 400 || status === 404 || status === 500)
    return new ProtocolError(`The app could not accept the call of ${call.endpoint} (${status}): ${said}`, { status });
  return undefined;
}

/** Returns the error of a 422. That of a validator has one entry for each input; that of the web framework has positions in the body. */
function invalid(body: unknown, call: PreparedCall): ValidationError {
  const entries = list(isFields(body) ? body["detail"] : undefined);
  const errors = new Map<string, string>();
  entries.forEach((entry, position) => {
    if (entry["is_valid"] === true) return;
    const said = entry["message"] ?? entry["msg"];
    errors.set(field(entry, position, call), typeof said === "string" ? printable(said) : "is not valid");
  });
  const words = Array.from(errors, ([name, said]) => `${name}: ${said}`);
  const why = words.length > 0 ? listed(words, "; ") : quote(JSON.stringify(body));
  return new ValidationError(`The app rejected the input of ${call.endpoint}. ${why}`, {
    status: 422,
    fieldErrors: Object.fromEntries(errors),
  });
}

function field(entry: Fields, position: number, call: PreparedCall): string {
  const name = entry["parameter_name"];
  if (typeof name === "string") return name;
  const place = entry["loc"];
  if (Array.isArray(place)) return place.slice(1).join(".") || String(position);
  return call.inputNames[position] ?? String(position);
}
