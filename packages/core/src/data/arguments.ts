import { type Endpoint, type ParameterInfo, withSlash } from "../app/endpoints.ts";
import { isPlain, listed } from "../fields.ts";
import { didYouMean } from "../closest.ts";
import { InputError } from "../errors.ts";
import type { DialectOf } from "./dialect.ts";
import type { LocalFile } from "./file-arguments.ts";
import { type FileSlot, toJson } from "./json.ts";
import { loadedTransfers } from "./load-transfers.ts";

/** The arguments of a call, complete and in the order of the wire. */
export interface BoundArguments {
  endpoint: Endpoint;
  /** Value for each input of the function, states included. A copy of the caller's data. */
  data: unknown[];
  /** Files in the data that are to be uploaded. */
  files: readonly FileSlot[];
  /** Name of the parameter of each input; `null` for a state and for a parameter without a name. */
  inputNames: readonly (string | null)[];
}

/** Platform and app specific handling of files. */
export interface FileRules {
  /** Encoding of files, by component. */
  dialect: DialectOf;
  /** Makes files of paths in the place of files. Default: paths are refused. */
  localFile?: LocalFile | undefined;
}

/**
 * Finds an endpoint.
 *
 * @param name - API name, with or without its slash; function index; or `undefined` where the app has one public endpoint.
 * @throws InputError for an endpoint that does not exist or cannot be called.
 */
export function findEndpoint(endpoints: readonly Endpoint[], name: unknown): Endpoint {
  if (name === undefined) return onlyEndpoint(endpoints);
  if (typeof name !== "string" && typeof name !== "number")
    throw new InputError("The endpoint must be an API name (a string) or a function index (a number).");
  const found = endpointAt(endpoints, name);
  if (!found) throw unknownEndpoint(endpoints, typeof name === "string" ? withSlash(name) : name);
  if (found.visibility === "private")
    throw new InputError(`The endpoint ${found.name} is private: the app does not allow calls to it.`, {
      endpoint: found.name,
    });
  if (!found.hasBackend)
    throw new InputError(`The endpoint ${found.name} runs in the app's own page only and cannot be called.`, {
      endpoint: found.name,
    });
  return found;
}

/** Finds an endpoint by its API name, with or without its slash, or by its function index. */
export function endpointAt(endpoints: readonly Endpoint[], name: string | number): Endpoint | undefined {
  const wanted = typeof name === "string" ? withSlash(name) : name;
  return endpoints.find((one) => one.name === wanted || one.index === wanted);
}

function unknownEndpoint(endpoints: readonly Endpoint[], wanted: string | number): InputError {
  const names = publicEndpoints(endpoints).map((one) => one.name);
  const problem =
    typeof wanted === "string"
      ? `no endpoint ${JSON.stringify(wanted.slice(0, 200))}.${didYouMean(wanted, names)}`
      : `no function with index ${wanted}.`;
  const details = { endpoint: String(wanted) };
  return new InputError(`The app has ${problem} Its endpoints: ${listed(names)}.`, details);
}

function onlyEndpoint(endpoints: readonly Endpoint[]): Endpoint {
  const found = publicEndpoints(endpoints);
  if (found.length === 1) return found[0]!;
  const names = listed(found.map((one) => one.name));
  const count = found.length === 0 ? "no public endpoint" : `${found.length} public endpoints: ${names}`;
  throw new InputError(`Name the endpoint: the app has ${count}.`);
}

/** Returns the public endpoints that can be called. */
export function publicEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.filter(
    (one) => one.visibility === "public" && one.hasBackend && !one.isCancel && one.name.startsWith("/"),
  );
}

/**
 * Binds the data of a call to the parameters of its endpoint: fills in defaults, fits files, and puts the values in the order
 * of the wire. The caller's data is copied, never changed.
 *
 * @param data - an array (by position) or an object (by parameter name); `undefined` for none.
 * @throws InputError naming the endpoint and the parameter, for a missing, surplus or unknown argument, and for a value that
 *   cannot be sent.
 */
export function bindArguments(endpoint: Endpoint, data: unknown, rules: FileRules): BoundArguments {
  const given = positional(endpoint, data);
  rejectMissing(endpoint, given);
  const files: FileSlot[] = [];
  const wired: unknown[] = [];
  const inputNames = endpoint.slots.map((slot, input) => {
    wired[input] = null;
    if (slot === null) return null;
    const parameter = endpoint.parameters[slot]!;
    const value = given[slot];
    if (value === undefined) wired[input] = structuredClone(parameter.default);
    else {
      const label = `${describe(parameter, slot)} of ${endpoint.name}`;
      const name = parameter.name ?? String(slot);
      const refuse = (problem: string): InputError =>
        new InputError(`${label} ${problem}`, { endpoint: endpoint.name, parameter: name });
      // The functions for files are loaded where a parameter takes files.
      const fitted = loadedTransfers()?.fitFiles(value, { parameter, localFile: rules.localFile, refuse }) ?? value;
      wired[input] = toJson(fitted, {
        name,
        label,
        endpoint: endpoint.name,
        acceptsFiles: acceptsFiles(parameter),
        dialect: rules.dialect(parameter.component),
        files,
        replace: (made) => (wired[input] = made),
      });
    }
    return parameter.name;
  });
  return { endpoint, data: wired, files, inputNames };
}

/** Returns the given values in the order of the parameters; `undefined` for those that were left out. */
function positional(endpoint: Endpoint, data: unknown): readonly unknown[] {
  if (data === undefined) return [];
  if (Array.isArray(data)) {
    const { length } = endpoint.parameters;
    if (data.length > length)
      throw new InputError(
        `${endpoint.name} takes ${length} argument${length === 1 ? "" : "s"}, but ${data.length} were given. Its parameters: ${signature(endpoint)}.`,
        { endpoint: endpoint.name },
      );
    return data;
  }
  if (!isPlain(data))
    throw new InputError(`The data of ${endpoint.name} must be an array (by position) or an object (by name).`, {
      endpoint: endpoint.name,
    });
  return byName(endpoint, data);
}

function byName(endpoint: Endpoint, data: Readonly<Record<string, unknown>>): unknown[] {
  const names = endpoint.parameters.map((parameter) => parameter.name);
  const known = names.filter((name) => name !== null);
  if (known.length < names.length)
    throw new InputError(
      `The app gives no parameter names for ${endpoint.name}: pass the data by position, as an array.`,
      {
        endpoint: endpoint.name,
      },
    );
  for (const name of Object.keys(data)) {
    if (data[name] === undefined || known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new InputError(
      `${endpoint.name} has no parameter ${JSON.stringify(name.slice(0, 200))}.${near} Its parameters: ${signature(endpoint)}.`,
      { endpoint: endpoint.name, parameter: name },
    );
  }
  return known.map((name) => (Object.hasOwn(data, name) ? data[name] : undefined));
}

/** Throws InputError with every parameter that has neither a value nor a default. */
function rejectMissing(endpoint: Endpoint, given: readonly unknown[]): void {
  const { name, parameters } = endpoint;
  const missing = parameters.filter(({ hasDefault }, at) => !hasDefault && given[at] === undefined);
  const [first, ...others] = missing;
  if (!first) return;
  const position = parameters.indexOf(first);
  const more = others.length > 0 ? ` Also missing: ${listed(others.map((one) => one.name ?? one.label))}.` : "";
  const example = given.every((value) => value === undefined) ? exampleData(parameters, missing) : "";
  throw new InputError(
    `${describe(first, position)} of ${name} is missing.${more} Its parameters: ${signature(endpoint)}.${example}`,
    { endpoint: name, parameter: first.name ?? String(position) },
  );
}

/** Maximum number of parameters of an example in an error. */
const MAX_EXAMPLE = 10;

/** Returns the data of a call with the required parameters for an error; empty where an example would be too long. */
function exampleData(parameters: readonly ParameterInfo[], required: readonly ParameterInfo[]): string {
  if (parameters.length > MAX_EXAMPLE) return "";
  const isNamed = parameters.every(({ name }) => name !== null);
  const data = isNamed
    ? `{ ${required.map(({ name }) => `${JSON.stringify(name)}: …`).join(", ")} }`
    : `[${parameters.map(({ label }) => label).join(", ")}]`;
  return ` Pass the data ${isNamed ? "by name" : "by position"}: ${data}.`;
}

function describe(parameter: ParameterInfo, position: number): string {
  return parameter.name === null
    ? `Argument ${position} (${parameter.label})`
    : `The parameter ${JSON.stringify(parameter.name)}`;
}

/** Returns the parameters of an endpoint for an error: `text, number = 3`. */
function signature(endpoint: Endpoint): string {
  const one = ({ name, label, hasDefault, default: value }: ParameterInfo): string =>
    hasDefault ? `${name ?? label} = ${JSON.stringify(value).slice(0, 40)}` : (name ?? label);
  return listed(endpoint.parameters.map(one));
}

/** Whether a parameter accepts files: `false` only where its schema is known and has none. */
export function acceptsFiles({ file, type }: Pick<ParameterInfo, "file" | "type">): boolean {
  return file !== null || typeof type !== "object" || Object.keys(type).length === 0;
}
