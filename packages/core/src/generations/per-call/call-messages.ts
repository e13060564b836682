import { isFields, text } from "../../fields.ts";
import { parseMessage, type WireMessage, type WireTraits } from "../../wire/messages.ts";

/** One message of a call's own connection (PROTOCOL.md, 2.2 and 2.3): some ask for the call's data. */
export type CallMessage =
  | WireMessage
  | { kind: "send_hash" }
  | { kind: "queue_full" }
  | { kind: "send_data"; eventId: string | null };

/** Parses a message. One without an event id gets `""`: all are the call's. */
export function parseCallMessage(value: unknown, traits: WireTraits): CallMessage {
  if (!isFields(value)) return { kind: "unknown" };
  const { msg } = value;
  const eventId = text(value["event_id"]);
  if (msg === "send_hash" || msg === "queue_full") return { kind: msg };
  if (msg === "send_data") return { kind: msg, eventId };
  return parseMessage({ ...value, event_id: eventId ?? "" }, traits);
}
