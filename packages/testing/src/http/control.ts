import { closeChunks, pushChunk } from "../queue/chunks.ts";
import { repeat } from "../queue/timers.ts";
import { readBody } from "./body.ts";
import { readCallBody } from "./call-body.ts";
import type { StreamEnd } from "./event-streams.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "./replies.ts";

/** `POST /cancel` */
export const cancel: Handler = async (request, _, server) => {
  const body = await readBody(request, [
    { name: "session_hash", kind: "string", required: true },
    { name: "fn_index", kind: "integer", required: true },
    { name: "event_id", kind: "string", required: true },
  ]);
  if (body instanceof Response) return body;
  await server.queue.cancel(String(body["session_hash"]), Number(body["fn_index"]), String(body["event_id"]));
  return jsonReply({ success: true });
};

/** `POST /reset`: does nothing and reports success, as in Gradio. */
export const reset: Handler = async (request) => {
  const body = await readBody(request, [{ name: "event_id", kind: "string", required: true }]);
  return body instanceof Response ? body : jsonReply({ success: true });
};

/** `GET /heartbeat/{session_hash}`: when it ends, the session's streaming jobs are closed. */
export const heartbeat: Handler = (_, values, server) => {
  const sessionHash = values["session_hash"] ?? "";
  const write = (send: (text: string) => void, signal: AbortSignal): Promise<StreamEnd> => {
    const beat = (): void => send("data: ALIVE\n\n");
    beat();
    const stop = repeat(beat, server.settings.heartbeatInterval);
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        stop();
        resolve("closed");
      });
    });
  };
  const onDisconnect = (): void => {
    for (const eventId of server.sessions.pending(sessionHash) ?? []) {
      const job = server.queue.find(eventId);
      if (job !== undefined) closeChunks(job);
    }
  };
  return server.streams.open(write, onDisconnect);
};

/** `POST /stream/{event_id}`: receives the next chunk of a streaming job. */
export const chunk: Handler = async (request, { event_id: eventId = "" }, server) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  const job = server.queue.find(eventId);
  if (job === undefined) return new Response(null, { status: 404 });
  pushChunk(job, body.data);
  return jsonReply({ msg: "success" });
};

/** `POST /stream/{event_id}/close`: ends a streaming job with its last output. */
export const closeStream: Handler = (_, { event_id: eventId = "" }, server) => {
  const job = server.queue.find(eventId);
  if (job === undefined) return new Response(null, { status: 404 });
  closeChunks(job);
  return jsonReply({ msg: "success" });
};
