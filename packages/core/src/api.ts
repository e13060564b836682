import type { EndpointInfo } from "./app/endpoints.ts";
import type { FileInput } from "./data/files.ts";

/** Types of one endpoint of a typed client. */
export interface EndpointTypes {
  /** Data by parameter name. */
  input?: object;
  /** Data by position. */
  args?: readonly unknown[];
  /** The value where there is one output, an array where there are several, `null` without outputs. */
  output: unknown;
  /** Whether a call may emit several outputs, one after the other. */
  generator?: boolean;
  /** Whether the input is a stream of chunks: see `Job.send`. */
  stream?: boolean;
}

/**
 * The endpoints of an app by name, with their types; names with or without the slash.
 *
 * @example
 * ```ts
 * type Api = { "/greet": { input: { name: string }; args: [name: string]; output: string } };
 * const client = await Client.connect<Api>(url);
 * const text = await client.predict("/greet", { name: "you" }); // string
 * ```
 */
export type ApiTypes = { [name: string]: EndpointTypes };

/** Type argument of a client without types: every output is `unknown` unless the caller states its type. */
// `keyof` finds no name in it.
export type Untyped = object;

type Slashless<Name> = Name extends `/${infer Bare}` ? Bare : Name;

/** Names that a typed client accepts: each with and without its slash. */
// A union made by `keyof` has no alias: compilers and editors list the names.
export type NameOf<Api> = keyof {
  [Key in keyof Api & string as Key | Slashless<Key> | `/${Slashless<Key>}`]: Key;
};

type Entry<Api, Name> = Name extends keyof Api
  ? Api[Name]
  : Slashless<Name> extends keyof Api
    ? Api[Slashless<Name>]
    : `/${Name & string}` extends keyof Api
      ? Api[`/${Name & string}`]
      : never;

/** The same type, shown by its fields instead of its name. */
type Shown<Type> = { [Key in keyof Type]: Type[Key] } & {};

type ByName<Types> = Types extends { input: infer Input } ? Shown<Input> : never;
type ByPosition<Types> = Types extends { args: infer Args } ? Args : never;

/** Whether every part of the data may be left out. */
type IsOptional<Data> = [Data] extends [never]
  ? false
  : string extends keyof Data // `Record<string, never>`
    ? true
    : Partial<Data> extends Data
      ? true
      : false;

/**
 * Data of an endpoint of a typed client by parameter name; by position where the endpoint's parameters have no names.
 *
 * @example
 * ```ts
 * const input: InputOf<Api, "/greet"> = { name: "you" };
 * ```
 */
export type InputOf<Api, Name> =
  Entry<Api, Name> extends { input: object } ? ByName<Entry<Api, Name>> : ByPosition<Entry<Api, Name>>;

/** Data of an endpoint of a typed client, by name or by position. */
// The property access keeps the union free of an alias: editors show the fields.
export type DataOf<Api, Name> = { data: ByName<Entry<Api, Name>> | ByPosition<Entry<Api, Name>> }["data"];

/** Output of an endpoint of a typed client. */
export type OutputOf<Api, Name> = Entry<Api, Name> extends { output: infer Output } ? Output : unknown;

/** Names that a client without types accepts: any. A typed client accepts the index of a function here. */
export type AnyName<Api> = [keyof Api] extends [never] ? string | number : number;

/** Members that data by parameter name never has: they mark files, bytes, URLs, promises and iterables. */
interface NoValue {
  readonly arrayBuffer?: never;
  readonly byteLength?: never;
  readonly getReader?: never;
  readonly mimeType?: never;
  readonly searchParams?: never;
  readonly then?: never;
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.asyncIterator]?: never;
}

/** Data of a call: an array (by position), or an object (by parameter name). A bare file, bytes or a promise is neither. */
// The first object type accepts literals, the second one values whose type is an interface.
export type CallData = readonly unknown[] | ({ readonly [parameter: string]: unknown } & NoValue) | (object & NoValue);

/** A file that stands for the data of a call: an endpoint with one file parameter takes it in `map`. */
export type BareFile = Exclude<FileInput, string | URL>;

/** Input of `map` for an endpoint of a typed client: the data of a call, or a file where the endpoint takes one file. */
export type MapInput<Api, Name> =
  | DataOf<Api, Name>
  | (Entry<Api, Name> extends { args: readonly [infer Only] } ? (Blob extends Only ? BareFile : never) : never);

/** The type that a caller stated for an output. It is not inferred from the variable that the output is assigned to. */
export type Stated<Type> = [Type][Type extends unknown ? 0 : never];

/** Arguments that no call has: the compiler leaves an overload with them out of its messages. */
type NoOverload = [endpoint: never, data: never, options: never, none: never];

/** Arguments of a call without an endpoint; only a client without types accepts them. */
export type UnnamedCall<Api, Options> = [keyof Api] extends [never] ? [data?: CallData, options?: Options] : NoOverload;

/** Arguments of a call after the endpoint's name. `data` may be left out where the endpoint requires none. */
export type NamedCall<Api, Name, Options> = [keyof Api] extends [never]
  ? NoOverload
  : true extends IsOptional<ByName<Entry<Api, Name>>> | IsOptional<ByPosition<Entry<Api, Name>>>
    ? [data?: DataOf<Api, Name>, options?: Options]
    : [data: DataOf<Api, Name>, options?: Options];

/** Arguments of `map` after the endpoint's name. */
export type NamedMap<Api, Inputs, Options> = [keyof Api] extends [never]
  ? NoOverload
  : [inputs: Inputs, options?: Options];

/** Returns the endpoints of an app as readable text, with an example call for each. */
export function viewApi(title: string, endpoints: readonly EndpointInfo[]): string {
  return [`${title}: ${endpoints.length} endpoint${endpoints.length === 1 ? "" : "s"}`, ...endpoints.map(view)].join(
    "\n\n",
  );
}

function view(endpoint: EndpointInfo): string {
  const names = endpoint.parameters.map(({ name, label }) => name ?? label);
  const example = endpoint.parameters.map(
    ({ name, hasDefault, default: value }) =>
      `${name === null ? "" : `${JSON.stringify(name)}: `}${hasDefault ? brief(value) : "…"}`,
  );
  const named = endpoint.parameters.every(({ name }) => name !== null);
  const data = names.length === 0 ? "" : named ? `, { ${example.join(", ")} }` : `, [${example.join(", ")}]`;
  const takes = endpoint.parameters.map(
    ({ component, hasDefault, default: value, label }, at) =>
      `    ${names[at]}: ${component}${label === names[at] ? "" : ` "${label}"`}${hasDefault ? ` = ${brief(value)}` : ""}`,
  );
  const gives = endpoint.returns.map(({ label, component }) => `    ${component} "${label}"`);
  return [
    `client.predict(${JSON.stringify(endpoint.name)}${data})`,
    ...(endpoint.description === "" ? [] : [`  ${endpoint.description}`]),
    ...(takes.length > 0 ? ["  takes", ...takes] : ["  takes nothing"]),
    ...(gives.length > 0 ? [endpoint.generator ? "  gives (streamed)" : "  gives", ...gives] : ["  gives nothing"]),
  ].join("\n");
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "…";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
