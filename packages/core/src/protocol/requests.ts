import { ConnectionError, GradioError, InputError, ProtocolError, QueueFullError, ValidationError } from "../errors.ts";
import { type Fields, isFields, list, listed, text } from "../fields.ts";
import { eventStream, looksTruncated } from "../http/body.ts";
import { detail, quote } from "../http/errors.ts";
import { printable } from "../http/redaction.ts";
import type { Http, Refusal } from "../http/request.ts";
import { encodePart } from "../http/urls.ts";
import { startBackgroundTimer } from "../timers.ts";
import type { ChunkPort, PreparedCall } from "./protocol.ts";
import { CANCEL_TIMEOUT, HEARTBEAT_RETRY } from "./timings.ts";

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

// The other requests of a call, and those of a session.

/**
 * Requests the cancel of a call (PROTOCOL.md, 5.1). Resolves when the app has answered, or after a time limit. Never rejects, because the
 * call has already ended for its caller.
 */
export async function sendCancel(
  http: Http,
  prefix: string,
  request: { json: object; callHeaders: PreparedCall["headers"]; signal: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(CANCEL_TIMEOUT), request.signal]);
  await http.send({ path: `${prefix}cancel`, ...request, signal, keepalive: true }).catch(() => undefined);
}

/**
 * Requests the end of a generator that may be running. Resolves like {@link sendCancel}.
 *
 * @returns `false` where the app had nothing to stop, as just before the generator's first step.
 */
export async function sendReset(http: Http, prefix: string, call: PreparedCall, json: object): Promise<boolean> {
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT);
  const sent = http.send({ path: `${prefix}reset`, json, callHeaders: call.headers, signal, keepalive: true });
  const answer = await sent.catch(() => null);
  return !isFields(answer?.body) || answer.body["success"] !== false;
}

/** One accepted call of a session. */
export interface ChunkTarget {
  /** Prefix of every path of the app's API. */
  readonly prefix: string;
  readonly sessionHash: string;
  readonly eventId: string;
}

/** Sends chunks to a call whose input is a stream (PROTOCOL.md, 5.4): one request for each. */
export function chunkPort(http: Http, call: PreparedCall, { prefix, sessionHash, eventId }: ChunkTarget): ChunkPort {
  const { endpoint, fnIndex, headers: callHeaders } = call;
  const path = `${prefix}stream/${encodePart(eventId)}`;
  return {
    send: async (data) => {
      const json = { data, fn_index: fnIndex, session_hash: sessionHash };
      await http.send({ path, json, callHeaders }).catch((error: unknown) => {
        // The app ends the input when its time limit expires, or when it received no chunk for too long.
        if (isUnknown(error))
          throw new InputError(`The app has ended the input of ${endpoint}: it accepts no more chunks.`);
        throw error;
      });
    },
    end: async () => {
      await http.send({ path: `${path}/close`, json: {}, callHeaders }).catch((error: unknown) => {
        // An input that has already ended needs no end.
        if (!isUnknown(error)) throw error;
      });
    },
  };
}

/** Whether the app has no such stream. */
function isUnknown(error: unknown): boolean {
  return error instanceof GradioError && error.status === 404;
}

/** One call of a component's server function. */
export interface ComponentCall {
  readonly sessionHash: string;
  /** Id of the component in the configuration. */
  readonly componentId: number;
  /** Name of the function, as in the component's `server_fns`. */
  readonly name: string;
  readonly data: unknown;
  readonly signal: AbortSignal;
}

/** Calls a server function of a component (PROTOCOL.md, 5.7): one request, outside the queue. */
export async function callComponent(http: Http, prefix: string, call: ComponentCall): Promise<unknown> {
  const { sessionHash, componentId, name, data, signal } = call;
  const json = { data, fn_name: name, session_hash: sessionHash, component_id: componentId };
  return (await http.send({ path: `${prefix}component_server`, json, signal, isOutput: true })).body;
}

/** Maximum number of characters of one event of a heartbeat: the app sends a word. */
const LONGEST_HEARTBEAT = 65_536;

/**
 * Keeps the heartbeat connection of a session open (PROTOCOL.md, 5.2): its end shows the app that the visitor has left. The
 * connection is opened again with back-off when it ends. Its failure affects no call, and it keeps no program alive.
 *
 * @returns a function that ends it.
 */
export function heartbeat(http: Http, path: string): () => void {
  const { shortest, longest } = HEARTBEAT_RETRY;
  let pause: number = shortest;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let close: () => void = () => undefined;
  const retry = (): void => {
    timer = startBackgroundTimer(open, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, longest);
  };
  const open = (): void => {
    const subscription = eventStream({
      open: (signal) => http.open(path, { signal, background: true }),
      onBytes: () => void (pause = shortest),
      limit: LONGEST_HEARTBEAT,
    }).subscribe({ complete: retry, error: retry });
    close = () => subscription.unsubscribe();
  };
  open();
  return () => {
    clearTimeout(timer);
    close();
  };
}
