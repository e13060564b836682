import type { WireMessage } from "../queue/messages.ts";
import { CLOSE_STREAM, HEARTBEAT, isCompleted, unexpectedError } from "../queue/messages.ts";
import { abortAfter, repeat } from "../queue/timers.ts";
import { missingQuery } from "./body.ts";
import type { StreamEnd } from "./event-streams.ts";
import type { Handler, ServerContext } from "./server-context.ts";

/** Formats a message for a stream; returns `undefined` for messages that the stream leaves out. */
type Format = (message: WireMessage) => string | undefined;

/** Milliseconds between two checks whether the session of a reader still has a mailbox. */
const MAILBOX_CHECK_INTERVAL = 10_000;

/** `GET /queue/data`: streams all messages of a session until no job of it is pending. */
export const readQueue: Handler = (request, _, server) => {
  const sessionHash = new URL(request.url).searchParams.get("session_hash");
  if (sessionHash === null) return missingQuery("session_hash");
  return stream(server, sessionHash, (message) => `data: ${JSON.stringify(message)}\n\n`);
};

/** `GET /call/{name}/{event_id}`: streams the outputs of one job. */
export const readSimple: Handler = (_, values, server) => {
  const eventId = values["event_id"] ?? "";
  const sessionHash = server.queue.find(eventId)?.sessionHash ?? server.sessions.sessionOf(eventId) ?? eventId;
  return stream(server, sessionHash, simpleFormat);
};

function stream(server: ServerContext, sessionHash: string, format: Format): Response {
  const onDisconnect = (): void => {
    server.sessions.dropMailbox(sessionHash);
    server.queue.onReaderDisconnect(sessionHash);
  };
  const write = (send: (text: string) => void, signal: AbortSignal): Promise<StreamEnd> => {
    const sendMessage = (message: WireMessage): void => {
      const text = format(message);
      if (text !== undefined) send(text);
    };
    return sendMessages(server, sessionHash, sendMessage, signal);
  };
  return server.streams.open(write, onDisconnect);
}

async function sendMessages(
  server: ServerContext,
  sessionHash: string,
  sendMessage: (message: WireMessage) => void,
  signal: AbortSignal,
): Promise<StreamEnd> {
  const { sessions, settings } = server;
  const stop = repeat(() => sessions.mailbox(sessionHash)?.put(HEARTBEAT), settings.heartbeatInterval);
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted) {
      const mailbox = sessions.mailbox(sessionHash);
      if (mailbox === undefined) {
        sendMessage(unexpectedError("404: Not Found", true));
        return "broken"; // Gradio fails here with an internal error that aborts the connection
      }
      const check = abortAfter(signal, MAILBOX_CHECK_INTERVAL);
      const message = await mailbox.take(check.signal).finally(check.stop);
      if (message === undefined) continue;
      sendMessage(message);
      const end = isCompleted(message)
        ? removePending(server, sessionHash, message.event_id ?? "", sendMessage)
        : undefined;
      if (end !== undefined) return end;
    }
    return "closed";
  } finally {
    stop();
  }
}

/** Removes a completed job from the pending ones. Ends the stream after the last one. */
function removePending(
  server: ServerContext,
  sessionHash: string,
  eventId: string,
  sendMessage: (message: WireMessage) => void,
): StreamEnd | undefined {
  const pending = server.sessions.pending(sessionHash);
  if (pending === undefined) {
    sendMessage(unexpectedError(`'${sessionHash}'`, false));
    return "broken";
  }
  pending.delete(eventId);
  if (pending.size > 0) return undefined;
  sendMessage(CLOSE_STREAM);
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
