import { parseConfig, type Serialized } from "../../app/config.ts";
import type { FileDialect } from "../../data/dialect.ts";
import { lastPart } from "../../data/files.ts";
import { InputError } from "../../errors.ts";
import { type Fields, isFields, number, text } from "../../fields.ts";
import type { Answer, Http, PlainRequest } from "../../http/request.ts";
import type { Generation, Traits } from "../generation.ts";
import { webSockets } from "./websocket.ts";

// Gradio 3: its configuration, and the encoding of its files. Early apps have their configuration in their page only. It contains neither
// which components have no value, nor which schemas are files (PROTOCOL.md, 1.2, 1.7 and 6.1).

const MARK = "window.gradio_config";

/** Returns the generation of apps of Gradio 3, whose protocol is `ws` (PROTOCOL.md, 2.2). Only `choose.ts` imports this folder. */
export function gradio3(answer: Answer, traits: Traits): Generation {
  const config = parseConfig(answer, undefined, { isLayout, serialized });
  const { prefix } = config;
  const openProtocol: Generation["openProtocol"] = (http, hash, app) => webSockets(hash, { http, prefix, traits, app });
  return { config, traits, files: gradio3Files, openProtocol };
}

/** Requests an app's page, and reads the configuration in it; `null` without a page or a configuration. */
export async function requestPage(
  http: Http,
  { signal, idempotent = false }: Pick<PlainRequest, "signal" | "idempotent">,
): Promise<Answer | null> {
  const page = await http.send({ path: "", signal, idempotent }).catch(() => null);
  const body = typeof page?.body === "string" ? configInPage(page.body) : undefined;
  return page && body !== undefined ? { ...page, body } : null;
}

/**
 * Finds the configuration in an app's page (PROTOCOL.md, 1.2).
 *
 * @returns the configuration, not yet checked; `undefined` without one.
 */
export function configInPage(html: string): unknown {
  const mark = html.indexOf(MARK);
  const start = mark < 0 ? -1 : html.indexOf("{", mark);
  if (start < 0 || !/^\s*=\s*$/.test(html.slice(mark + MARK.length, start))) return undefined;
  const end = endOfObject(html, start);
  if (end < 0) return undefined;
  try {
    return JSON.parse(html.slice(start, end)) as unknown;
  } catch {
    return undefined;
  }
}

/** Returns the index after the end of an object; -1 without an end. Braces are counted, as a text in it may contain the end of a script. */
function endOfObject(html: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < html.length; at++) {
    const character = html[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return -1;
}

const layout = new Set(
  "state row column tabs tab tabitem box form accordion group interpretation dataset sidebar".split(" "),
);

/** Whether a kind of component has no value. */
function isLayout(type: string): boolean {
  return layout.has(type);
}

/** Describes the files of a component by its serializer; `null` without one. */
function serialized(component: Fields, type: string): Serialized | null {
  const serializer = text(component["serializer"]);
  if (serializer === null) return null;
  return { takes: (schema) => taken(serializer, schema), gives: mayGiveFiles(serializer, type) };
}

function taken(serializer: string, schema: Fields): "one" | "many" | null {
  if (serializer === "ImgSerializable" || serializer === "VideoSerializable") return "one";
  if (serializer === "GallerySerializable") return "many";
  if (serializer !== "FileSerializable") return null;
  return schema["type"] === "array" ? "many" : "one";
}

/** Whether the value may contain files: not for a text, a number, or JSON that the function made. */
function mayGiveFiles(serializer: string, type: string): boolean {
  const plain = ["StringSerializable", "NumberSerializable", "BooleanSerializable", "ListStringSerializable"];
  return !plain.includes(serializer) && type !== "json" && type !== "dataframe";
}

/** Files of Gradio 3 (PROTOCOL.md, 6.1): the name that the app keeps a file under, or a name and the bytes as a data URL. */
const namedFiles: FileDialect = {
  write: ({ path, url, origName, size }) =>
    isDataUrl(url)
      ? { name: origName ?? "file", data: url, is_file: false }
      : { name: path, data: null, orig_name: origName ?? lastPart(path), size: size ?? null, is_file: true },
  read: (value) => {
    const name = isFields(value) ? text(value["name"]) : null;
    if (!isFields(value) || name === null || !("is_file" in value || isDataUrl(value["data"]))) return null;
    const inline = value["is_file"] === true ? null : text(value["data"]);
    return {
      path: inline === null ? name : "",
      url: inline,
      origName: text(value["orig_name"]) ?? lastPart(name),
      size: number(value["size"]),
      mimeType: inline && mimeType(inline),
      isStream: false,
    };
  },
};

/** Images of Gradio 3: data URLs, in inputs and in outputs. */
const inlineImages: FileDialect = {
  inline: true,
  write: ({ url }) => {
    if (isDataUrl(url)) return url;
    throw new InputError(
      "An app of Gradio 3 does not fetch images by URL: it needs the bytes. Pass a Blob, or handleFile(…).",
    );
  },
  read: (value) =>
    isDataUrl(value)
      ? { path: "", url: value, origName: null, size: null, mimeType: mimeType(value), isStream: false }
      : namedFiles.read(value),
};

/** Returns the form of the files of a component. */
function gradio3Files(component: string): FileDialect {
  return component.toLowerCase() === "image" ? inlineImages : namedFiles;
}

function isDataUrl(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("data:");
}

function mimeType(dataUrl: string): string | null {
  const end = dataUrl.slice(0, 200).search(/[;,]/);
  return end > 5 ? dataUrl.slice(5, end) : null;
}
