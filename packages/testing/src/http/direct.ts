import { createContext } from "../endpoint/context.ts";
import { failurePayload } from "../endpoint/failure.ts";
import { API_PREFIX } from "../describe/config.ts";
import { readCallBody } from "./call-body.ts";
import type { Handler } from "./server-context.ts";
import { callRequest, findDependency } from "./server-context.ts";
import { jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** `POST /run/{name}` and `POST /api/{name}`: calls without the queue, in which a generator ends after its first value. */
export const run: Handler = async (request, { name }, server) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  const { data, sessionHash } = body;
  const dependency = findDependency(server, body.fnIndex, name);
  const ignoreReports = { log: () => undefined, progress: () => undefined };
  const context = createContext(callRequest(request, sessionHash, server), new AbortController().signal, ignoreReports);
  const base = rootOf(request, server.settings) + API_PREFIX;
  const valueContext = { store: server.store, state: server.states(sessionHash), base };
  try {
    return jsonReply(
      await server.stepper.step({ dependency, eventId: null, data, context, valueContext, edits: false }),
    );
  } catch (error) {
    return jsonReply(failurePayload(error, server.settings.showError), 500);
  }
};
