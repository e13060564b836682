import { createContext } from "../endpoint/context.ts";
import { failurePayload } from "../endpoint/failure.ts";
import { API_PREFIX } from "../describe/config.ts";
import { readCallBody } from "./call-body.ts";
import type { Handler } from "./house.ts";
import { callRequest, findDependency } from "./house.ts";
import { jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** `POST /run/{name}` and `POST /api/{name}`: without the queue; a generator gives its first value only. */
export const run: Handler = async (request, { name }, house) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  const { data, sessionHash } = body;
  const dependency = findDependency(house, body.fnIndex, name);
  const silent = { log: () => undefined, progress: () => undefined };
  const context = createContext(callRequest(request, sessionHash, house), new AbortController().signal, silent);
  const base = rootOf(request, house.settings) + API_PREFIX;
  const exchange = { store: house.store, state: house.states(sessionHash), base };
  try {
    return jsonReply(await house.stepper.step({ dependency, eventId: null, data, context, exchange, edits: false }));
  } catch (error) {
    return jsonReply(failurePayload(error, house.settings.showError), 500);
  }
};
