import type { Endpoint, ParameterInfo } from "../app/endpoints.ts";
import { didYouMean } from "../closest.ts";
import { InputError } from "../errors.ts";
import { isPlain } from "../fields.ts";
import type { DialectOf } from "./dialect.ts";
import { FileHandle, type FileInput, httpUrl } from "./files.ts";
import { type FileSlot, toJson } from "./json.ts";
import type { placeFiles } from "./places.ts";

/** What a call is made of, once its endpoint is found and its arguments are complete. */
export interface Target {
  endpoint: Endpoint;
  /** One element for each input of the function, states included. A copy of our own. */
  data: unknown[];
  /** Files in it that are still to be sent. */
  files: readonly FileSlot[];
  /** The parameter's name for each input; `null` for states and parameters without one. */
  inputNames: readonly (string | null)[];
}

/**
 * The endpoint that a caller named.
 *
 * @param name - API name, with or without its slash; function index; or `undefined` where the app has one public endpoint.
 * @throws InputError for one that does not exist, or that cannot be called.
 */
export function findEndpoint(endpoints: readonly Endpoint[], name: unknown): Endpoint {
  if (name === undefined) return onlyEndpoint(endpoints);
  if (typeof name !== "string" && typeof name !== "number")
    throw new InputError("An endpoint is named by its API name or by its function index.");
  const isName = typeof name === "string";
  const wanted = isName ? `/${name.replace(/^\//, "")}` : name;
  const found = endpoints.find((one) => (isName ? one.name : one.index) === wanted);
  if (!found) {
    const names = publicEndpoints(endpoints).map((one) => one.name);
    const what = isName
      ? `no endpoint ${JSON.stringify(wanted)}.${didYouMean(String(wanted), names)}`
      : `no function with index ${wanted}.`;
    throw new InputError(`The app has ${what} It has: ${names.join(", ") || "none"}.`, { endpoint: String(wanted) });
  }
  if (found.visibility === "private")
    throw new InputError(`The endpoint ${found.name} is private: the app does not let it be called.`, {
      endpoint: found.name,
    });
  if (!found.hasBackend)
    throw new InputError(`${found.name} runs in the app's own page only; there is nothing to call.`, {
      endpoint: found.name,
    });
  return found;
}

function onlyEndpoint(endpoints: readonly Endpoint[]): Endpoint {
  const open = publicEndpoints(endpoints);
  if (open.length === 1) return open[0]!;
  const names = open.map((one) => one.name).join(", ");
  throw new InputError(
    `Name the endpoint: the app has ${open.length === 0 ? "no public one" : `${open.length}: ${names}`}.`,
  );
}

/** Endpoints that the app shows to everybody. */
export function publicEndpoints(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.filter(
    (one) => one.visibility === "public" && one.hasBackend && !one.isCancel && one.name.startsWith("/"),
  );
}

/**
 * The arguments of a call, complete and in order, as the wire wants them. The caller's data is copied, never changed.
 *
 * @param data - an array (by position) or an object (by parameter name); left out for none.
 * @throws InputError naming endpoint and parameter: missing, surplus, unknown, or a value that cannot be sent.
 */
export function target(endpoint: Endpoint, data: unknown, rules: FileRules): Target {
  const given = arrange(endpoint, data);
  const files: FileSlot[] = [];
  const wired: unknown[] = [];
  const inputNames = endpoint.slots.map((slot, input) => {
    wired[input] = null;
    if (slot === null) return null;
    const parameter = endpoint.parameters[slot]!;
    const value = given[slot];
    if (value === undefined) wired[input] = fallback(endpoint, parameter, slot);
    else
      wired[input] = toJson(fileArgument(endpoint, parameter, value, rules), {
        name: parameter.name ?? String(slot),
        what: `${describe(parameter, slot)} of ${endpoint.name}`,
        endpoint: endpoint.name,
        dialect: rules.dialect(parameter.component),
        files,
        replace: (made) => (wired[input] = made),
      });
    return parameter.name;
  });
  return { endpoint, data: wired, files, inputNames };
}

/** The given values in the order of the parameters; `undefined` for what was left out. */
function arrange(endpoint: Endpoint, data: unknown): readonly unknown[] {
  if (data === undefined) return [];
  if (Array.isArray(data)) {
    const { length } = endpoint.parameters;
    if (data.length > length)
      throw new InputError(
        `${endpoint.name} takes ${length} argument${length === 1 ? "" : "s"}, and ${data.length} were given. It takes: ${signature(endpoint)}.`,
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
      `The app does not tell the parameter names of ${endpoint.name}: pass its data by position, as an array.`,
      {
        endpoint: endpoint.name,
      },
    );
  for (const name of Object.keys(data)) {
    if (data[name] === undefined || known.includes(name)) continue;
    const near = didYouMean(name, known);
    throw new InputError(
      `${endpoint.name} has no parameter ${JSON.stringify(name)}.${near} It takes: ${signature(endpoint)}.`,
      { endpoint: endpoint.name, parameter: name },
    );
  }
  return known.map((name) => (Object.hasOwn(data, name) ? data[name] : undefined));
}

function fallback(endpoint: Endpoint, parameter: ParameterInfo, position: number): unknown {
  if (parameter.hasDefault) return structuredClone(parameter.default);
  throw new InputError(
    `${describe(parameter, position)} of ${endpoint.name} is missing. It takes: ${signature(endpoint)}.`,
    { endpoint: endpoint.name, parameter: parameter.name ?? String(position) },
  );
}

/**
 * Makes a file of a text that stands in a file's place, such as a path of this machine: only where the caller has allowed it.
 * An http(s) address that it returns is passed on.
 */
export type LocalFile = (text: string) => FileInput;

/** What becomes of files, and of what stands for them. */
export interface FileRules {
  /** How the wire writes them, by component. */
  dialect: DialectOf;
  /** Makes files of strings that stand where a file belongs; without it they are refused. */
  localFile?: LocalFile | undefined;
  /** Finds the places of files inside of a value; left out where no parameter has any. */
  placeFiles?: typeof placeFiles | undefined;
}

/** A string in a file's place is an address that the app fetches, or a path where the caller has allowed paths. */
function fileArgument(
  endpoint: Endpoint,
  parameter: ParameterInfo,
  value: unknown,
  { localFile, placeFiles: place }: FileRules,
): unknown {
  const one = (given: unknown): unknown => {
    const file = given instanceof URL ? given.href : given;
    if (typeof file !== "string") return file;
    const url = httpUrl(file);
    if (url) return new FileHandle(url);
    const made = localFile?.(file);
    const address = httpUrl(made);
    if (address) return new FileHandle(address);
    if (made !== undefined && typeof made !== "string") return made;
    throw new InputError(
      `${JSON.stringify(file.slice(0, 200))} is no file for ${parameter.name ?? parameter.label} of ${endpoint.name}. ` +
        `Pass a Blob, an http(s) address, or handleFile(…); in Node, connect with localFiles to pass paths.`,
      { endpoint: endpoint.name, parameter: parameter.name ?? parameter.label },
    );
  };
  if (parameter.file === "one") return one(value);
  if (parameter.file === "many") return Array.isArray(value) ? value.map(one) : value;
  return parameter.file === "inside" && place ? place(value, parameter.type, one) : value;
}

function describe(parameter: ParameterInfo, position: number): string {
  return parameter.name === null
    ? `Argument ${position} (${parameter.label})`
    : `The parameter ${JSON.stringify(parameter.name)}`;
}

/** `text, number = 3`: what an endpoint takes, for sentences. */
function signature(endpoint: Endpoint): string {
  const one = ({ name, label, hasDefault, default: value }: ParameterInfo): string =>
    hasDefault ? `${name ?? label} = ${JSON.stringify(value).slice(0, 40)}` : (name ?? label);
  return endpoint.parameters.map(one).join(", ") || "nothing";
}
