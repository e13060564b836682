import { GradioError, InputError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { ChunkPort, PreparedCall } from "./protocol.ts";

/** Where one call of a session is, for its chunks. */
export interface ChunkTarget {
  /** What stands before every path of the app's API. */
  prefix: string;
  sessionHash: string;
  eventId: string;
}

/** Hands chunks to a call whose input is a stream (PROTOCOL.md, 5.4): one request for each. */
export function chunkPort(http: Http, call: PreparedCall, { prefix, sessionHash, eventId }: ChunkTarget): ChunkPort {
  const { endpoint, fnIndex, headers: callHeaders } = call;
  const path = `${prefix}stream/${encodeURIComponent(eventId)}`;
  return {
    send: async (data) => {
      const json = { data, fn_index: fnIndex, session_hash: sessionHash };
      await http.send({ path, json, callHeaders }).catch((error: unknown) => {
        // The app has ended the stream by itself: its time was over, or no chunk came for too long.
        if (isOver(error)) throw new InputError(`The app has ended the input of ${endpoint}: it takes no more chunks.`);
        throw error;
      });
    },
    end: async () => {
      await http.send({ path: `${path}/close`, json: {}, callHeaders }).catch((error: unknown) => {
        // What is over already needs no end.
        if (!isOver(error)) throw error;
      });
    },
  };
}

/** Whether the app knows of no such stream. */
function isOver(error: unknown): boolean {
  return error instanceof GradioError && error.status === 404;
}
