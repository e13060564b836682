import { GradioError, InputError } from "../errors.ts";
import { isFields } from "../fields.ts";
import { eventStream } from "../http/event-stream.ts";
import type { Http } from "../http/request.ts";
import { encodePart } from "../http/urls.ts";
import { startBackgroundTimer } from "../timers.ts";
import type { ChunkPort, PreparedCall } from "./protocol.ts";
import { CANCEL_TIMEOUT, HEARTBEAT_RETRY } from "./timings.ts";

// The requests of a call and of a session, except for the join.

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

/** Maximum number of characters of one event: the app sends a word. */
const EVENT = 65_536;

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
      limit: EVENT,
    }).subscribe({ complete: retry, error: retry });
    close = () => subscription.unsubscribe();
  };
  open();
  return () => {
    clearTimeout(timer);
    close();
  };
}
