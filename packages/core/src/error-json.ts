import { withoutSecrets } from "./http/redaction.ts";

/** JSON form of an error, as `GradioError.toJSON` makes it and `GradioError.fromJSON` reads it. */
export type ErrorJson = { name: string; code: string; message: string } & Record<string, unknown>;

/** Makes an error of the SDK; returns `null` for an error of another class. Level 0 is the outermost error. */
export type MakeError = (
  code: unknown,
  message: string,
  details: Readonly<Record<string, unknown>>,
  level: number,
) => Error | null;

/** Maximum number of levels of causes in the JSON form: a cause may refer to itself. */
const MAX_CAUSES = 8;

/**
 * Returns an error of the SDK as plain data, without its stack. An error of another class is reduced to `name`, `message`
 * (redacted, as it may repeat a secret) and `code`; a cause that is not an error is left out.
 *
 * @param isOwn - returns whether a value is an error of the SDK.
 */
export function writeError(
  error: Error & { code: string },
  isOwn: (value: unknown) => value is Error & { code: string },
  level = 0,
): ErrorJson {
  const json: ErrorJson = { name: error.name, code: error.code, message: error.message };
  for (const [key, value] of Object.entries(error)) if (value !== undefined && key !== "cause") json[key] = value;
  return withCause(json, error.cause, isOwn, level);
}

function withCause<Json extends Record<string, unknown>>(
  json: Json,
  cause: unknown,
  isOwn: (value: unknown) => value is Error & { code: string },
  level: number,
): Json {
  if (level >= MAX_CAUSES || !(cause instanceof Error)) return json;
  if (isOwn(cause)) return { ...json, cause: writeError(cause, isOwn, level + 1) };
  const { name, message } = cause;
  const code = "code" in cause && typeof cause.code === "string" ? { code: cause.code } : {};
  return {
    ...json,
    cause: withCause({ name, message: withoutSecrets(message), ...code }, cause.cause, isOwn, level + 1),
  };
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === "string";
const isNumberOrNull = (value: unknown): boolean => value === null || typeof value === "number";

/** Types of the fields of all error classes, by name. */
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  endpoint: isText,
  eventId: isTextOrNull,
  status: (value) => typeof value === "number",
  title: isTextOrNull,
  duration: isNumberOrNull,
  visible: (value) => typeof value === "boolean",
  fieldErrors: (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isText),
  parameter: isText,
  kind: (value) => isText(value) && /^(call|start|idle|request|result)$/.test(String(value)),
  requested: isNumberOrNull,
  left: isNumberOrNull,
  retryAfter: isNumberOrNull,
  stage: isTextOrNull,
  accepted: (value) => value === null || typeof value === "boolean",
};

/** Makes an error, and its causes, of JSON. A field of an unexpected type is ignored; foreign input does not throw. */
export function readError(json: unknown, make: MakeError, level = 0): Error {
  const source = typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
  const { name, message: text, code } = source;
  const message = typeof text === "string" ? text : typeof json === "string" ? json : "Unknown error.";
  const own = Object.keys(fields).filter((field) => Object.hasOwn(source, field) && fields[field]!(source[field]));
  const inner = level < MAX_CAUSES && Object.hasOwn(source, "cause") ? source["cause"] : undefined;
  const cause = typeof inner === "object" && inner !== null ? { cause: readError(inner, make, level + 1) } : {};
  const made = make(
    code,
    message,
    { ...Object.fromEntries(own.map((field) => [field, source[field]])), ...cause },
    level,
  );
  if (made) return made;
  const foreign = new Error(message, cause);
  if (typeof name === "string") Object.defineProperty(foreign, "name", { value: name, configurable: true });
  return typeof code === "string" ? Object.assign(foreign, { code }) : foreign;
}
