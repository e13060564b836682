import type { Observable } from "rxjs";
import { ConnectionError, type GradioError, QueueFullError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { WireTraits } from "../wire/messages.ts";
import type { PreparedCall, ProtocolMessage } from "./protocol.ts";

/** What the calls of one client have in common. */
export interface CallStreamSettings {
  http: Http;
  /** What stands before every path of the app's API. */
  prefix: string;
  traits: WireTraits;
}

/** What carries a call is told with it. */
export interface CallStream extends CallStreamSettings {
  sessionHash: string;
  /** To be called whenever a byte has come. */
  alive: () => void;
  /** Takes the request that tells the app that the call was left before its end. */
  telling: (request: Promise<void>) => void;
}

/** One way to carry a call over a connection of its own. Cold; unsubscribing ends the connection, and thereby the call. */
export type Carry = (call: PreparedCall, stream: CallStream) => Observable<ProtocolMessage>;

/**
 * What the end of its connection means to a call that has not ended.
 *
 * @param accepted - whether the app has the call's data: without it, nothing can have run.
 */
export function lostCall(call: PreparedCall, accepted: boolean | null, error?: GradioError): GradioError {
  // What refused access, or was no Gradio app, is no lost connection.
  if (error && !(error instanceof ConnectionError)) return error;
  const known = {
    true: "the app had accepted the call",
    false: "the app had not accepted the call",
    null: "whether the app had accepted the call is unknown",
  }[`${accepted}`];
  const message = `The connection was lost before ${call.endpoint} had ended; ${known}.`;
  return new ConnectionError(message, {
    accepted,
    status: error?.status,
    ...(error === undefined ? {} : { cause: error.cause ?? error }),
  });
}

/** The app's queue has no room for the call. */
export function queueFull({ endpoint }: PreparedCall): QueueFullError {
  return new QueueFullError(`The app's queue is full; it did not take ${endpoint}. Try again later.`);
}
