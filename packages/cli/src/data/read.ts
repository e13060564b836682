import type { Client, EndpointInfo, ParameterInfo } from "@gradio-rx/node";
import { readFile } from "node:fs/promises";
import { UsageError } from "../exit.ts";
import { readAll } from "../io.ts";
import { exampleData } from "./example.ts";
import { checkFile, ownFile, type Stdin, withFiles } from "./files.ts";
import { takesList, valueOf } from "./values.ts";
import { parseJson, parseWord, wholeData, type Word } from "./words.ts";

/** Data of a call: by position or by name. */
export type Data = readonly unknown[] | Record<string, unknown>;

/** Sources of the data of a call. */
export interface Sources {
  stdin: Stdin;
  signal: AbortSignal;
  /** The app's address: its own files are known by it. */
  app: string;
}

/** The endpoint that a word names: by name, slash optional, or by index; `undefined` where the app does not list it. */
export function endpointOf(client: Client, named: string | undefined): EndpointInfo | undefined {
  const { endpoints } = client;
  if (named === undefined) return endpoints.length === 1 ? endpoints[0] : undefined;
  const isIndex = /^\d+$/.test(named);
  return endpoints.find(({ name, index }) =>
    isIndex ? index === Number(named) : name === `/${named.replace(/^\//, "")}`,
  );
}

/** Reads the data of a call from the words of the command line. Throws UsageError. */
export async function readData(
  words: readonly string[],
  endpoint: EndpointInfo | undefined,
  sources: Sources,
): Promise<Data> {
  const whole = wholeData(words);
  if (whole === undefined) return await byName(words, endpoint, sources);
  const text = whole === "-" ? await readAll(sources.stdin.take(), sources.signal) : whole;
  const data = withFiles(parseJson(text, whole === "-" ? "The data on stdin" : "The data"));
  if (typeof data === "object" && data !== null) return data as Data;
  throw new UsageError("The data must be a JSON array (by position) or a JSON object (by parameter name).");
}

async function byName(
  words: readonly string[],
  endpoint: EndpointInfo | undefined,
  sources: Sources,
): Promise<Record<string, unknown>> {
  const data: Record<string, unknown> = {};
  for (const written of words) {
    const word = parseWord(written);
    if (!word)
      throw new UsageError(
        `${JSON.stringify(written)} is not valid data: write name=value, name=@path, name:=json, or all data as JSON.`,
      );
    const parameter = endpoint?.parameters.find(({ name }) => name === word.name);
    const value = await read(word, parameter, sources);
    add(data, word, value, parameter);
  }
  if (endpoint) rejectMissing(endpoint, data);
  return data;
}

/** Throws UsageError with the words that pass the missing parameters. A mistyped name is left to the SDK, which finds the closest one. */
function rejectMissing({ name, parameters }: EndpointInfo, data: Readonly<Record<string, unknown>>): void {
  const known = new Set(parameters.map((parameter) => parameter.name));
  if (known.has(null) || Object.keys(data).some((key) => !known.has(key))) return;
  const missing = parameters.filter((parameter) => !parameter.hasDefault && !Object.hasOwn(data, parameter.name!));
  if (missing.length === 0) return;
  const names = missing.map((parameter) => parameter.name).join(", ");
  const subject =
    missing.length === 1 ? `The parameter ${names} of ${name} is` : `The parameters ${names} of ${name} are`;
  throw new UsageError(`${subject} missing. For example: ${exampleData(missing)}`);
}

/** Adds a value under its name; values of a list add up. */
function add(
  data: Record<string, unknown>,
  { name, kind }: Word,
  value: unknown,
  parameter: ParameterInfo | undefined,
): void {
  const isList = parameter !== undefined && takesList(parameter) && kind !== "json";
  const before = Object.hasOwn(data, name) ? data[name] : undefined;
  if (before !== undefined && !(isList && Array.isArray(before)))
    throw new UsageError(`${name} is given twice, and takes one value.`);
  const whole = isList ? [...((before as unknown[] | undefined) ?? []), value] : value;
  // A parameter may have any name.
  Object.defineProperty(data, name, { value: whole, enumerable: true, configurable: true, writable: true });
}

async function read(
  { name, kind, value }: Word,
  parameter: ParameterInfo | undefined,
  sources: Sources,
): Promise<unknown> {
  if (kind === "json") return withFiles(parseJson(value, `The value of ${name}`));
  const text = kind === "text" ? value : await textOf(value, sources);
  // The app does not list it: the call says what is wrong, and nothing is sent.
  if (!parameter) return text;
  return kind === "text" && parameter.file !== null && parameter.file !== "inside"
    ? ownFile(text, parameter, sources.app)
    : valueOf(text, parameter);
}

async function textOf(path: string, { stdin, signal }: Sources): Promise<string> {
  if (path === "-") return await readAll(stdin.take(), signal);
  checkFile(path);
  return await readFile(path, "utf8");
}
