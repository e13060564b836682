import type { WireMessage } from "../queue/messages.ts";
import { CLOSE_STREAM, HEARTBEAT, isCompleted, unexpectedError } from "../queue/messages.ts";
import { repeat, within } from "../queue/timers.ts";
import { missingQuery } from "./body.ts";
import type { StreamEnd } from "./event-streams.ts";
import type { Handler, House } from "./house.ts";

/** How a stream writes a message; `undefined` = it does not show that one. */
type Format = (message: WireMessage) => string | undefined;

/** Milliseconds after which a reader looks whether its session still has a mailbox. */
const LOOK = 10_000;

/** `GET /queue/data`: all messages of a session, until nothing is pending any more. */
export const readQueue: Handler = (request, _, house) => {
  const sessionHash = new URL(request.url).searchParams.get("session_hash");
  if (sessionHash === null) return missingQuery("session_hash");
  return stream(house, sessionHash, (message) => `data: ${JSON.stringify(message)}\n\n`);
};

/** `GET /call/{name}/{event_id}`: one job's outputs. */
export const readSimple: Handler = (_, values, house) => {
  const eventId = values["event_id"] ?? "";
  const sessionHash = house.queue.find(eventId)?.sessionHash ?? house.sessions.sessionOf(eventId) ?? eventId;
  return stream(house, sessionHash, simpleFormat);
};

function stream(house: House, sessionHash: string, format: Format): Response {
  const gone = (): void => {
    house.sessions.dropMailbox(sessionHash);
    house.queue.readerGone(sessionHash);
  };
  const write = (send: (text: string) => void, signal: AbortSignal): Promise<StreamEnd> => {
    const tell = (message: WireMessage): void => {
      const text = format(message);
      if (text !== undefined) send(text);
    };
    return pass(house, sessionHash, tell, signal);
  };
  return house.streams.open(write, gone);
}

async function pass(
  house: House,
  sessionHash: string,
  tell: (message: WireMessage) => void,
  signal: AbortSignal,
): Promise<StreamEnd> {
  const { sessions, settings } = house;
  const stop = repeat(() => sessions.mailbox(sessionHash)?.put(HEARTBEAT), settings.heartbeatInterval);
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const mailbox = sessions.mailbox(sessionHash);
      if (mailbox === undefined) {
        tell(unexpectedError("404: Not Found", true));
        return "broken"; // the real server trips over its own error here, and the connection breaks
      }
      const look = within(signal, LOOK);
      const message = await mailbox.take(look.signal).finally(look.stop);
      if (message === undefined) continue;
      tell(message);
      const end = isCompleted(message) ? settle(house, sessionHash, message.event_id ?? "", tell) : undefined;
      if (end !== undefined) return end;
    }
    return "closed";
  } finally {
    stop();
  }
}

/** A job's end has been told. With the last one the stream ends. */
function settle(
  house: House,
  sessionHash: string,
  eventId: string,
  tell: (message: WireMessage) => void,
): StreamEnd | undefined {
  const pending = house.sessions.pending(sessionHash);
  if (pending === undefined) {
    tell(unexpectedError(`'${sessionHash}'`, false));
    return "broken";
  }
  pending.delete(eventId);
  if (pending.size > 0) return undefined;
  tell(CLOSE_STREAM);
  return "closed";
}

function simpleFormat({ msg, output, success, message }: WireMessage): string | undefined {
  if (msg === "heartbeat") return simpleEvent("heartbeat", null);
  if (msg === "unexpected_error") return simpleEvent("error", message);
  if (msg !== "process_completed" && !/^process_(generating|streaming)$/.test(msg)) return undefined;
  if (success !== true) return simpleEvent("error", output);
  const data = typeof output === "object" && output !== null && "data" in output ? output.data : null;
  return simpleEvent(msg === "process_completed" ? "complete" : "generating", data);
}

function simpleEvent(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
