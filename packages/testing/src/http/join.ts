import { receive } from "../call/execute.ts";
import type { Dependency } from "../describe/model.ts";
import { parameterInfos } from "../describe/info.ts";
import { API_PREFIX } from "../describe/config.ts";
import type { Validity } from "../endpoint/endpoint.ts";
import { readJson } from "./body.ts";
import type { CallBody } from "./call-body.ts";
import { readCallBody } from "./call-body.ts";
import type { Handler, House } from "./house.ts";
import { callRequest, findDependency } from "./house.ts";
import { detailReply, jsonReply } from "./replies.ts";
import { rootOf } from "./root.ts";

/** `POST /queue/join` */
export const join: Handler = async (request, _, house) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  if (body.sessionHash === null) return detailReply(400, "Session hash not found.");
  if (body.fnIndex === null) return detailReply(400, "No function index provided.");
  return take(request, house, () => findDependency(house, body.fnIndex), body, false);
};

/** `POST /call/{name}` */
export const simpleJoin: Handler = async (request, { name }, house) => {
  const body = await readCallBody(request);
  if (body instanceof Response) return body;
  const dependency = findDependency(house, null, name);
  const data = fillStates(dependency, body.data);
  return take(request, house, () => dependency, { ...body, data }, true);
};

/** `POST /call/v2/{name}`: values by the names of the parameters. */
export const namedJoin: Handler = async (request, { name }, house) => {
  const read = await readJson(request);
  if (read instanceof Response) return read;
  if (typeof read.value !== "object" || read.value === null) throw new TypeError("an object was expected");
  const dependency = findDependency(house, null, name);
  const given = new Map<string, unknown>(Object.entries(read.value));
  const data = parameterInfos(dependency).map((parameter) => {
    const value = given.get(parameter.parameter_name);
    if (value === undefined && !parameter.parameter_has_default) throw new Error("a parameter is missing");
    given.delete(parameter.parameter_name);
    return value === undefined ? parameter.parameter_default : value;
  });
  if (given.size > 0) throw new Error("there is no such parameter");
  const body = { sessionHash: null, fnIndex: null, data: fillStates(dependency, data) };
  return take(request, house, () => dependency, body, true);
};

/** States may be left out of a simple call. */
function fillStates(dependency: Dependency, data: readonly unknown[]): readonly unknown[] {
  const { inputs } = dependency;
  if (data.length === inputs.length || data.length !== inputs.filter(({ skipApi }) => !skipApi).length) return data;
  const rest = [...data];
  return inputs.map(({ skipApi }) => (skipApi ? null : rest.shift()));
}

async function take(
  request: Request,
  house: House,
  find: () => Dependency,
  { data, sessionHash }: CallBody,
  simple: boolean,
): Promise<Response> {
  const refusal = house.queue.refusal();
  if (refusal !== undefined) return detailReply(503, refusal);
  const dependency = find();
  const root = rootOf(request, house.settings);
  const invalid = await validate(dependency, data, sessionHash, root, house);
  if (invalid !== undefined) return invalid;
  const job = { dependency, sessionHash, data, root, simple, request: callRequest(request, sessionHash, house) };
  return jsonReply({ event_id: house.queue.push(job).id });
}

async function validate(
  dependency: Dependency,
  data: readonly unknown[],
  sessionHash: string | null,
  root: string,
  house: House,
): Promise<Response | undefined> {
  const { validator } = dependency.options;
  if (validator === undefined) return undefined;
  try {
    const exchange = { store: house.store, state: house.states(sessionHash), base: root + API_PREFIX };
    const values = receive(dependency, data, exchange);
    const judged: Validity | Validity[] = await Reflect.apply(validator, undefined, values);
    const verdicts = [judged].flat();
    if (verdicts.length < dependency.inputs.length) throw new Error("the validator judged too few inputs");
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
