import { receive } from "../call/execute.ts";
import type { Dependency } from "../describe/model.ts";
import { parameterInfos } from "../describe/info.ts";
import { API_PREFIX } from "../describe/config.ts";
import type { Validity } from "../endpoint/endpoint.ts";
import { readJson } from "./body.ts";
import type { CallBody } from "./call-body.ts";
import { readCallBody } from "./call-body.ts";
import type { Handler, ServerContext } from "./server-context.ts";
import { callRequest, findDependency } from "./server-context.ts";
import { detailReply, jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** `POST /queue/join` */
export const join: Handler = async (request, _, server) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  if (body.sessionHash === null) return detailReply(400, "Session hash not found.");
  if (body.fnIndex === null) return detailReply(400, "No function index provided.");
  return accept(request, server, () => findDependency(server, body.fnIndex), body, false);
};

/** `POST /call/{name}` */
export const simpleJoin: Handler = async (request, { name }, server) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  const dependency = findDependency(server, null, name);
  const data = fillStates(dependency, body.data);
  return accept(request, server, () => dependency, { ...body, data }, true);
};

/** `POST /call/v2/{name}`: a call with values by parameter name. */
export const namedJoin: Handler = async (request, { name }, server) => {
  const read = await readJson(request);
  if (read instanceof Response) return read;
  if (typeof read.value !== "object" || read.value === null) throw new TypeError("Expected an object");
  const dependency = findDependency(server, null, name);
  const given = new Map<string, unknown>(Object.entries(read.value));
  const data = parameterInfos(dependency).map((parameter) => {
    const value = given.get(parameter.parameter_name);
    if (value === undefined && !parameter.parameter_has_default) throw new Error("A parameter is missing");
    given.delete(parameter.parameter_name);
    return value === undefined ? parameter.parameter_default : value;
  });
  if (given.size > 0) throw new Error("There is no such parameter");
  const body = { sessionHash: null, fnIndex: null, data: fillStates(dependency, data) };
  return accept(request, server, () => dependency, body, true);
};

/** Adds states to the values of a call that leaves them out. */
function fillStates(dependency: Dependency, data: readonly unknown[]): readonly unknown[] {
  const { inputs } = dependency;
  if (data.length === inputs.length || data.length !== inputs.filter(({ skipApi }) => !skipApi).length) return data;
  const rest = [...data];
  return inputs.map(({ skipApi }) => (skipApi ? null : rest.shift()));
}

async function accept(
  request: Request,
  server: ServerContext,
  find: () => Dependency,
  { data, sessionHash }: CallBody,
  simple: boolean,
): Promise<Response> {
  const refusal = server.queue.refusal();
  if (refusal !== undefined) return detailReply(503, refusal);
  const dependency = find();
  const root = rootOf(request, server.settings);
  const invalid = await validate(dependency, data, sessionHash, root, server);
  if (invalid !== undefined) return invalid;
  const job = { dependency, sessionHash, data, root, simple, request: callRequest(request, sessionHash, server) };
  return jsonReply({ event_id: server.queue.push(job).id });
}

async function validate(
  dependency: Dependency,
  data: readonly unknown[],
  sessionHash: string | null,
  root: string,
  server: ServerContext,
): Promise<Response | undefined> {
  const { validator } = dependency.options;
  if (validator === undefined) return undefined;
  try {
    const valueContext = { store: server.store, state: server.states(sessionHash), base: root + API_PREFIX };
    const values = receive(dependency, data, valueContext);
    const returned: Validity | Validity[] = await Reflect.apply(validator, undefined, values);
    const verdicts = [returned].flat();
    if (verdicts.length < dependency.inputs.length) throw new Error("The validator returned too few results");
    if (verdicts.every(({ isValid }) => isValid)) return undefined;
    const named = verdicts.map((verdict, at) =>
      wireVerdict(verdict, dependency.parameters[at] ?? `parameter_${String(at)}`),
    );
    return detailReply(422, named);
  } catch (error) {
    return detailReply(400, error instanceof Error ? error.message : String(error));
  }
}

function wireVerdict({ isValid, message = "" }: Validity, name: string): Record<string, unknown> {
  return { __type__: "validate", is_valid: isValid, message, parameter_name: name };
}
