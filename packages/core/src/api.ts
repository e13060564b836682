import type { EndpointInfo } from "./app/endpoints.ts";

/** What one endpoint takes and gives, for a typed client. */
export interface EndpointTypes {
  /** By parameter name. */
  input?: object;
  /** By position. */
  args?: readonly unknown[];
  /** The bare value of one output, an array of several, `null` of none. */
  output: unknown;
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

/** A client that knows no types: every output is `unknown` unless the caller says it. */
// What `keyof` finds no name in.
export type Untyped = object;

type Slashless<Name> = Name extends `/${infer Bare}` ? Bare : Name;

/** Names that a typed client takes: each with and without its slash. */
export type NameOf<Api> = (keyof Api & string) | Slashless<keyof Api & string> | `/${Slashless<keyof Api & string>}`;

type Entry<Api, Name> = Name extends keyof Api
  ? Api[Name]
  : Slashless<Name> extends keyof Api
    ? Api[Slashless<Name>]
    : `/${Name & string}` extends keyof Api
      ? Api[`/${Name & string}`]
      : never;

/** What an endpoint of a typed client takes, by name or by position. */
export type DataOf<Api, Name> =
  | (Entry<Api, Name> extends { input: infer Input } ? Input : never)
  | (Entry<Api, Name> extends { args: infer Args } ? Args : never);

/** What an endpoint of a typed client gives. */
export type OutputOf<Api, Name> = Entry<Api, Name> extends { output: infer Output } ? Output : unknown;

/** Names that a client without types takes: any. With types, what has none goes by its index. */
export type AnyName<Api> = [keyof Api] extends [never] ? string | number : number;

/** Data of a call: by position, or by parameter name. */
export type CallData = readonly unknown[] | object;

/** The endpoints of an app as text for a person, with an example call for each. */
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
    ...(gives.length > 0
      ? [endpoint.generator ? "  gives, again and again" : "  gives", ...gives]
      : ["  gives nothing"]),
  ].join("\n");
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "…";
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
