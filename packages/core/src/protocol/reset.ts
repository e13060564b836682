import type { Http } from "../http/request.ts";
import type { PreparedCall } from "./protocol.ts";

/** How long the app may take to answer that it has stopped a call, in milliseconds. */
const PATIENCE = 2_000;

/** Has the app forget a generator that it may be running; settles when it has answered, or was given up. */
export async function reset(
  { http, prefix }: { http: Http; prefix: string },
  call: PreparedCall,
  json: object,
): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  const asked = http.send({ path: `${prefix}reset`, json, callHeaders: call.headers, signal, keepalive: true });
  await asked.catch(() => undefined);
}
