import { isBlob } from "../values/blobs.ts";
import type { Component, ComponentOptions } from "./component.ts";
import { component } from "./component.ts";
import { AppFailure } from "./failure.ts";
import { chatSchema, dataframeSchema, fileSchema, filesSchema, gallerySchema, imageSchema } from "./schemas.ts";

/** A text field. Other values are converted to text as Gradio does: `true` becomes `"True"`. */
export function textbox(label?: string, options: ComponentOptions = {}): Component {
  const kind = { schema: { type: "string" }, pythonType: "str", example: "Hello!!", receive: asText, send: asText };
  return component("textbox", label, options, kind);
}

function asText(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** A number; `minimum` and `maximum` are checked. */
export function number(label?: string, options: ComponentOptions = {}): Component {
  const kind = { schema: { type: "number" }, pythonType: "float", example: 3, receive: within(options) };
  return component("number", label, { ...options, step: options["step"] ?? 1 }, kind);
}

/** A number between `minimum` (default 0) and `maximum` (default 100). */
export function slider(label?: string, options: ComponentOptions = {}): Component {
  const bounds = { minimum: 0, maximum: 100, ...options };
  const description = `numeric value between ${String(bounds.minimum)} and ${String(bounds.maximum)}`;
  const schema = { type: "number", description };
  const kind = { schema, pythonType: "float", example: bounds.minimum, receive: within(bounds) };
  return component("slider", label, bounds, kind);
}

function within(bounds: Record<string, unknown>): (value: unknown) => unknown {
  const { minimum, maximum } = bounds;
  return (value) => {
    if (typeof value === "number" && typeof minimum === "number" && value < minimum) {
      throw new AppFailure(`Value ${String(value)} is less than minimum value ${String(minimum)}.`);
    }
    if (typeof value === "number" && typeof maximum === "number" && value > maximum) {
      throw new AppFailure(`Value ${String(value)} is greater than maximum value ${String(maximum)}.`);
    }
    return value;
  };
}

/** True or false. */
export function checkbox(label?: string, options: ComponentOptions = {}): Component {
  return component("checkbox", label, options, { schema: { type: "boolean" }, pythonType: "bool", example: true });
}

/** A choice between texts; a job with any other value fails. */
export function dropdown(label: string, choices: readonly string[], options: ComponentOptions = {}): Component {
  const names = choices.map((choice) => `'${choice}'`).join(", ");
  const receive = (value: unknown): unknown => {
    if (value === null || choices.some((choice) => choice === value)) return value;
    throw new AppFailure(`Value: ${String(asText(value))} is not in the list of choices: [${names}]`);
  };
  const schema = { type: "string", enum: [...choices] };
  const kind = { schema, pythonType: `Literal[${names}]`, example: choices[0] ?? null, receive };
  return component("dropdown", label, { ...options, choices: choices.map((choice) => [choice, choice]) }, kind);
}

/** Any JSON. Values that a generator yields are sent whole, not as edits. */
export function json(label?: string, options: ComponentOptions = {}): Component {
  const schema = { type: {}, description: "any valid json" };
  const kind = { schema, pythonType: "str | float | bool | list | dict", example: { foo: "bar" }, whole: true };
  return component("json", label, options, kind);
}

/** Any JSON with files in it, without a component on the page. Parameters and results of plain functions have this kind. */
export function anything(label?: string, options: ComponentOptions = {}): Component {
  return component("api", label, options, { schema: {}, pythonType: "Any", example: null });
}

const SAMPLE = { path: "sample_file.pdf", meta: { _type: "gradio.FileData" }, orig_name: "sample_file.pdf", url: null };

/** A file, or with `file_count: "multiple"` a list of them. The function receives `File` objects and may return any `Blob`. */
export function file(label?: string, options: ComponentOptions = {}): Component {
  if (options["file_count"] === "multiple") {
    const kind = { schema: filesSchema(), pythonType: "list[filepath]", example: [SAMPLE], tellsSize: true };
    return component("file", label, options, { ...kind, files: "many" });
  }
  const kind = { schema: fileSchema(), pythonType: "filepath", example: SAMPLE, tellsSize: true };
  return component("file", label, { file_count: "single", ...options }, { ...kind, files: "one" });
}

/** An image file. */
export function image(label?: string, options: ComponentOptions = {}): Component {
  return component("image", label, options, {
    schema: imageSchema(),
    pythonType: "filepath",
    example: SAMPLE,
    files: "one",
  });
}

/** An audio file. */
export function audio(label?: string, options: ComponentOptions = {}): Component {
  return component("audio", label, options, {
    schema: fileSchema(),
    pythonType: "filepath",
    example: SAMPLE,
    files: "one",
  });
}

/** Images with captions: the function returns a list of `[blob, caption]` or `{ image, caption }`. */
export function gallery(label?: string, options: ComponentOptions = {}): Component {
  const pythonType = "list[dict(image: filepath, caption: str | None) | dict(video: filepath, caption: str | None)]";
  return component(
    "gallery",
    label,
    { value: [], ...options },
    { schema: gallerySchema(), pythonType, send: sendGallery },
  );
}

function sendGallery(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => galleryItem(item)) : value;
}

function galleryItem(item: unknown): unknown {
  if (Array.isArray(item)) return { image: item[0] as unknown, caption: (item[1] ?? null) as unknown };
  return isBlob(item) ? { image: item, caption: null } : item;
}

/** A table. The function receives and returns an array of rows; on the wire it is `{ headers, data, metadata }`. */
export function dataframe(label?: string, options: ComponentOptions & { headers?: string[] } = {}): Component {
  const headers = options.headers ?? [];
  const metadata = "metadata: dict(str, list[Any] | None) | None";
  return component(
    "dataframe",
    label,
    { value: { headers, data: [], metadata: null }, ...options },
    {
      schema: dataframeSchema(),
      pythonType: `dict(headers: list[Any], data: list[list[Any]], ${metadata})`,
      example: { headers: ["a", "b"], data: [["foo", "bar"]] },
      receive: (value) => (typeof value === "object" && value !== null && "data" in value ? value.data : value),
      send: (value) => (Array.isArray(value) ? { headers, data: value as unknown[], metadata: null } : value),
    },
  );
}

/** A chat: a list of `{ role, content }`, where `content` may be a text. */
export function chatbot(label?: string, options: ComponentOptions = {}): Component {
  return component(
    "chatbot",
    label,
    { value: [], ...options },
    {
      schema: chatSchema(),
      pythonType: "list[dict(role: str, metadata: dict | None, content: list[dict], options: list[dict] | None)]",
      example: [chatMessage({ role: "user", content: "Hello!" }), chatMessage({ role: "assistant", content: "Hi!" })],
      receive: receiveChat,
      send: sendChat,
    },
  );
}

/** Checks messages from callers: their content must be a list of parts, while functions may also return a text. */
function receiveChat(value: unknown): unknown {
  if (value === null) return [];
  if (
    Array.isArray(value) &&
    value.every((message: unknown) => isRecord(message) && Array.isArray(message["content"]))
  ) {
    return value;
  }
  throw new TypeError("Expected a list of messages, each with a list of parts as its content");
}

function sendChat(value: unknown): unknown {
  return Array.isArray(value) ? value.map((message: unknown) => chatMessage(message)) : (value ?? []);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function chatMessage(message: unknown): unknown {
  if (!isRecord(message)) return message;
  const { role, metadata = null, content, options = null } = message;
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  return {
    role,
    metadata,
    content: parts.map((part) => (typeof part === "string" ? { text: part, type: "text" } : part)),
    options,
  };
}

/**
 * A value that the server keeps for each session and does not send.
 *
 * Use the same object in `inputs` and in `outputs`. A separate `state()` in the outputs means the input state with the same
 * position among the states.
 */
export function state(value?: unknown): Component {
  const kind = { schema: {}, skipApi: true };
  return component("state", undefined, value === undefined ? {} : { value }, kind);
}
