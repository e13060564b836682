import type { JsonSchema, ParameterInfo } from "@gradio-rx/node";
import { UsageError } from "../exit.ts";
import { listed } from "../listed.ts";
import { parseJson } from "./words.ts";

/** Whether a parameter takes a list: its values are given one by one. */
export function takesList({ file, type }: ParameterInfo): boolean {
  return file === "many" || (file === null && kindsOf(type).includes("array"));
}

/**
 * The value that a text stands for, by the parameter's type: texts as they are, numbers, `true` and `false`, choices by value
 * or by label; anything else is JSON. A text in a file's place stays a text.
 *
 * @throws UsageError where the text cannot be such a value.
 */
export function valueOf(text: string, parameter: ParameterInfo): unknown {
  if (parameter.file === "one" || parameter.file === "many") return text;
  const called = parameter.name ?? parameter.label;
  if (parameter.choices) return choiceOf(text, parameter);
  const kinds = kindsOf(takesList(parameter) ? itemsOf(parameter.type) : parameter.type);
  if (kinds.includes("string")) return text;
  if (kinds.includes("null") && text === "null") return null;
  if (kinds.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  if (kinds.includes("number") || kinds.includes("integer")) return numberOf(text, called);
  if (kinds.length > 0 && kinds.every((kind) => kind === "boolean" || kind === "null"))
    throw new UsageError(`${called} is true or false, and ${quote(text)} is neither.`);
  return parseJson(
    text,
    `${called}=${text.slice(0, 40)} (it takes JSON: write a text with its quotes, ${called}:='"text"')`,
  );
}

function choiceOf(text: string, { choices, openChoices, name, label }: ParameterInfo): unknown {
  const found =
    choices!.find(({ value }) => String(value) === text) ?? choices!.find((choice) => choice.label === text);
  if (found) return found.value;
  if (openChoices) return text;
  const known = listed(choices!.map(({ value }) => String(value)));
  throw new UsageError(`${name ?? label} has no choice ${quote(text)}. It has: ${known}.`);
}

function numberOf(text: string, called: string): number {
  const value = text.trim() === "" ? NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new UsageError(`${called} is a number, and ${quote(text)} is not.`);
}

/** JSON types that a schema takes; none for a schema that takes anything. */
export function kindsOf(schema: JsonSchema): string[] {
  if (typeof schema === "boolean") return [];
  const { type } = schema;
  const own = (Array.isArray(type) ? type : [type]).filter((kind): kind is string => typeof kind === "string");
  const others = [schema["anyOf"], schema["oneOf"]].flatMap((one): unknown[] => (Array.isArray(one) ? one : []));
  return [...own, ...others.flatMap((one) => kindsOf(one as JsonSchema))];
}

function itemsOf(schema: JsonSchema): JsonSchema {
  if (typeof schema === "boolean") return true;
  return (schema["items"] as JsonSchema | undefined) ?? true;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
