import { detailReply } from "./replies.ts";

/** Definition of a field of a request body. */
export interface Field {
  name: string;
  kind: "string" | "integer" | "list" | "any";
  required: boolean;
}

/** One validation error as pydantic, which validates Gradio's requests, formats it. */
interface ValidationError {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: unknown;
}

/** Reads a JSON body and checks its fields. Returns a `Response` with status 422 if it is invalid. */
export async function readBody(
  request: Request,
  fields: readonly Field[],
): Promise<Record<string, unknown> | Response> {
  const read = await readJson(request);
  if (read instanceof Response) return read;
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const msg = "Input should be a valid dictionary or object to extract fields from";
    return invalid([{ type: "model_attributes_type", loc: ["body"], msg, input: value }]);
  }
  const body: Record<string, unknown> = { ...value };
  const errors = fields.flatMap((field) => check(field, body));
  return errors.length > 0 ? invalid(errors) : body;
}

/** Reads a JSON body of any type. Without a JSON content type the value is the text itself. */
export async function readJson(request: Request): Promise<{ value: unknown } | Response> {
  const text = await request.text();
  if (text === "") return invalid([{ type: "missing", loc: ["body"], msg: "Field required", input: null }]);
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([^;]*\+)?json\b/i.test(type)) return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    const ctx = { error: "Expecting property name enclosed in double quotes" };
    const place = Math.min(text.length, 1);
    return invalid([{ type: "json_invalid", loc: ["body", place], msg: "JSON decode error", input: {}, ctx }]);
  }
}

/** Returns the response to a request without a required query parameter. */
export function missingQuery(name: string): Response {
  return invalid([{ type: "missing", loc: ["query", name], msg: "Field required", input: null }]);
}

function invalid(errors: ValidationError[]): Response {
  return detailReply(422, errors);
}

/** Checks one field and converts it to its kind if possible: `"0"`, `0.0` and `false` become the integer 0. */
function check({ name, kind, required }: Field, body: Record<string, unknown>): ValidationError[] {
  const loc = ["body", name];
  const input = body[name];
  if (!Object.hasOwn(body, name))
    return required ? [{ type: "missing", loc, msg: "Field required", input: { ...body } }] : [];
  if (kind === "any" || (input === null && !required)) return [];
  if (kind === "string") {
    return typeof input === "string"
      ? []
      : [{ type: "string_type", loc, msg: "Input should be a valid string", input }];
  }
  if (kind === "list") {
    return Array.isArray(input) ? [] : [{ type: "list_type", loc, msg: "Input should be a valid list", input }];
  }
  const [type, reason] = integerError(input);
  if (type !== undefined) return [{ type, loc, msg: `Input should be a valid integer${reason}`, input }];
  body[name] = Number(input);
  return [];
}

function integerError(input: unknown): [type: string | undefined, reason: string] {
  if (typeof input === "boolean") return [undefined, ""];
  if (typeof input === "number") {
    return Number.isInteger(input) ? [undefined, ""] : ["int_from_float", ", got a number with a fractional part"];
  }
  if (typeof input !== "string") return ["int_type", ""];
  return /^\s*[+-]?\d+(\.0*)?\s*$/.test(input)
    ? [undefined, ""]
    : ["int_parsing", ", unable to parse string as an integer"];
}
