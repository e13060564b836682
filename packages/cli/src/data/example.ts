import type { EndpointInfo, JsonSchema, ParameterInfo } from "@gradio-rx/node";
import { shellQuote } from "../quote.ts";
import { kindsOf, takesList } from "./values.ts";

/** A command that calls an endpoint with example values, as it can be pasted into a POSIX shell. */
export function exampleCommand(app: string, { name, parameters }: EndpointInfo): string {
  const needed = parameters.filter(({ hasDefault }) => !hasDefault);
  // The app gives no names before Gradio 4.23: all data is passed by position.
  const isNamed = parameters.every((parameter) => parameter.name !== null);
  const [first] = (isNamed ? needed : parameters).filter(isLocalFile);
  const words = isNamed
    ? needed.flatMap((parameter) => exampleWords(parameter, first === parameter))
    : [
        JSON.stringify(
          parameters.map((parameter) => (first === parameter ? stdinOf(parameter) : exampleValue(parameter))),
        ),
      ];
  const command = ["gradio-rx", "call", app, name, ...words].map(shellQuote).join(" ");
  return first ? `echo example | ${command}` : command;
}

/** Words of the command line that pass example values, as they can be pasted into a POSIX shell. */
export function exampleData(parameters: readonly ParameterInfo[]): string {
  return parameters
    .flatMap((parameter) => exampleWords(parameter, false))
    .map(shellQuote)
    .join(" ");
}

/** Stdin as the value of a file parameter. */
function stdinOf({ file }: ParameterInfo): unknown {
  return file === "many" ? ["@-"] : "@-";
}

/** Whether the example needs a file of this machine: it is read from stdin. */
function isLocalFile(parameter: ParameterInfo): boolean {
  return (parameter.file === "one" || parameter.file === "many") && exampleUrl(parameter.example) === undefined;
}

function exampleUrl(example: unknown): string | undefined {
  const file: unknown = Array.isArray(example) ? example[0] : example;
  if (typeof file !== "object" || file === null) return undefined;
  const { path, url } = file as Record<string, unknown>;
  return [path, url].find((one): one is string => typeof one === "string" && /^https?:\/\//.test(one));
}

function exampleWords(parameter: ParameterInfo, isStdin: boolean): string[] {
  const { name, file } = parameter;
  if (file === "one" || file === "many")
    return [`${name}=${exampleUrl(parameter.example) ?? (isStdin ? "@-" : "@file")}`];
  const value = exampleValue(parameter);
  if (takesList(parameter) && Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string"))
    return value.map((one) => `${name}=${one}`);
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  // A text that would be parsed as another type is passed as JSON.
  const isText = parameter.choices !== null || kindsOf(parameter.type).includes(typeof value);
  return [isPlain && isText ? `${name}=${String(value)}` : `${name}:=${JSON.stringify(value)}`];
}

/** Whether the JSON type of a value is one that a schema takes. */
function fits(value: unknown, schema: JsonSchema): boolean {
  const kinds = kindsOf(schema);
  const kind = Array.isArray(value) ? "array" : typeof value;
  return kinds.length === 0 || kinds.includes(kind) || (kind === "number" && kinds.includes("integer"));
}

/** The app's own example where it fits the parameter, else a small value of its type. */
function exampleValue({ example, choices, type, hasDefault, default: value, minimum, file }: ParameterInfo): unknown {
  if (file === "one") return exampleUrl(example) ?? "@file";
  if (file === "many") return [exampleUrl(example) ?? "@file"];
  if (hasDefault) return value;
  if (example !== null && example !== undefined && fits(example, type)) return example;
  if (choices) return kindsOf(type).includes("array") ? [choices[0]!.value] : choices[0]!.value;
  const [kind] = kindsOf(type);
  const values: Readonly<Record<string, unknown>> = {
    string: "text",
    number: minimum ?? 1,
    integer: minimum ?? 1,
    boolean: true,
    array: [],
    object: {},
  };
  return values[kind ?? ""] ?? null;
}
