import { InputError } from "../errors.ts";
import type { Http, Refusal } from "../http/request.ts";
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
  const path = `${prefix}stream/${encodeURIComponent(eventId)}`;
  const callHeaders = call.headers;
  return {
    send: async (data) => {
      const json = { data, fn_index: call.fnIndex, session_hash: sessionHash };
      // The app has ended the stream by itself: its time was over, or no chunk came for too long.
      const over = new InputError(`The app has ended the input of ${call.endpoint}: it takes no more chunks.`);
      await http.send({ path, json, callHeaders, refusal: ({ status }) => (status === 404 ? over : undefined) });
    },
    end: async () => {
      // What is over already needs no end.
      const over = new InputError("over");
      const refusal = ({ status }: Refusal): InputError | undefined => (status === 404 ? over : undefined);
      await http.send({ path: `${path}/close`, json: {}, callHeaders, refusal }).catch((error: unknown) => {
        if (error !== over) throw error;
      });
    },
  };
}
