import type { Field } from "./body.ts";
import { readBody } from "./body.ts";

const FIELDS: readonly Field[] = [
  { name: "session_hash", kind: "string", required: false },
  { name: "event_id", kind: "string", required: false },
  { name: "data", kind: "list", required: true },
  { name: "event_data", kind: "any", required: false },
  { name: "fn_index", kind: "integer", required: false },
  { name: "trigger_id", kind: "integer", required: false },
];

/** Body of a request that calls an endpoint. */
export interface CallBody {
  sessionHash: string | null;
  fnIndex: number | null;
  data: readonly unknown[];
}

/** Reads the body of a call. Returns a `Response` with status 422 if it is invalid. */
export async function readCallBody(request: Request): Promise<CallBody | Response> {
  const body = await readBody(request, FIELDS);
  if (body instanceof Response) return body;
  const { session_hash: sessionHash, fn_index: fnIndex, data } = body;
  return {
    sessionHash: typeof sessionHash === "string" ? sessionHash : null,
    fnIndex: typeof fnIndex === "number" ? fnIndex : null,
    data: Array.isArray(data) ? data : [],
  };
}
