import type { Http } from "../http/request.ts";

/** One call of a component's server function. */
export interface ComponentCall {
  sessionHash: string;
  /** Id of the component in the configuration. */
  componentId: number;
  /** The function's name, as in the component's `server_fns`. */
  name: string;
  data: unknown;
  signal: AbortSignal;
}

/** Calls a server function of a component (PROTOCOL.md, 5.7): one request, outside the queue. */
export async function callComponent(http: Http, prefix: string, call: ComponentCall): Promise<unknown> {
  const { sessionHash, componentId, name, data, signal } = call;
  const json = { data, fn_name: name, session_hash: sessionHash, component_id: componentId };
  return (await http.send({ path: `${prefix}component_server`, json, signal })).body;
}
