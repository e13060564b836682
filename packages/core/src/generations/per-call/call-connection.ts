import type { Subscriber } from "rxjs";
import { ConnectionError, type GradioError, QueueFullError } from "../../errors.ts";
import { isFields, text } from "../../fields.ts";
import type { Http } from "../../http/request.ts";
import { lostConnection } from "../../protocol/active-call.ts";
import type { AppIdentity } from "../../protocol/app-identity.ts";
import type { PreparedCall, ProtocolMessage } from "../../protocol/protocol.ts";
import { parseMessage, type WireMessage, type WireTraits } from "../../wire/messages.ts";

/** Settings that the calls of one client share. */
export interface PerCallSettings {
  http: Http;
  /** Prefix of every path of the app's API. */
  prefix: string;
  traits: WireTraits;
  app: AppIdentity;
}

/** The connection of one call. */
export interface CallConnection extends PerCallSettings {
  sessionHash: string;
  /** Must be called for every received chunk. */
  onActivity: () => void;
  /** Adds a request that the end of the connection causes. Must be called in its teardown. */
  waitUntil: (work: Promise<unknown>) => void;
}

/** Sends a call over its own connection. Returns the function that ends the connection and with it the call. */
export type Connect = (
  call: PreparedCall,
  connection: CallConnection,
  subscriber: Subscriber<ProtocolMessage>,
) => () => void;

/**
 * Creates the error of a call whose connection ended before the call.
 *
 * @param accepted - whether the app has the call's data: without it, nothing can have run.
 */
export function lostCall(call: PreparedCall, accepted: boolean | null, error?: GradioError): GradioError {
  // A refused login, or an answer that is not Gradio's, is not a lost connection.
  if (error && !(error instanceof ConnectionError)) return error;
  return lostConnection(call.endpoint, accepted, { status: error?.status, cause: error?.cause ?? error });
}

/** Creates the error for a full queue. */
export function queueFull({ endpoint }: PreparedCall): QueueFullError {
  return new QueueFullError(`The app's queue is full; it did not accept ${endpoint}. Try again later.`);
}

/** One message of a call's own connection (PROTOCOL.md, 2.2 and 2.3): some ask for the call's data. */
export type ConnectionMessage =
  | WireMessage
  | { kind: "send_hash" }
  | { kind: "queue_full" }
  | { kind: "send_data"; eventId: string | null };

/** Parses a message. One without an event id gets `""`: all are the call's. */
export function parseConnectionMessage(value: unknown, traits: WireTraits): ConnectionMessage {
  if (!isFields(value)) return { kind: "unknown" };
  const { msg } = value;
  const eventId = text(value["event_id"]);
  if (msg === "send_hash" || msg === "queue_full") return { kind: msg };
  if (msg === "send_data") return { kind: msg, eventId };
  return parseMessage({ ...value, event_id: eventId ?? "" }, traits);
}
