import { type Fields, text } from "../fields.ts";
import type { Answer, Http, PlainRequest } from "../http/request.ts";
import type { Serialized } from "./config.ts";

// What apps of Gradio 3 do otherwise: early ones have their configuration in their page alone, and none says which components
// have no value, nor in a schema what is a file (PROTOCOL.md, 1.2, 1.7 and 6.1).

const MARK = "window.gradio_config";

/** Reads the configuration that an app's page carries; `null` where it carries none, or there is no page. */
export async function readPage(http: Http, how: Pick<PlainRequest, "signal" | "idempotent">): Promise<Answer | null> {
  const page = await http.send({ path: "", ...how }).catch(() => null);
  const body = typeof page?.body === "string" ? configInPage(page.body) : undefined;
  return page && body !== undefined ? { ...page, body } : null;
}

/**
 * The configuration that an app's page carries (PROTOCOL.md, 1.2): apps of early Gradio 3 have it nowhere else.
 *
 * @returns what stands there, not yet looked at; `undefined` where there is none.
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

/** Where the object ends that starts here: its braces are counted, as texts in it may hold whatever ends a script. */
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
export function isLayout(type: string): boolean {
  return layout.has(type);
}

/** What the serializer of a component says of its files; `null` where it has none. */
export function serialized(component: Fields, type: string): Serialized | null {
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

/** Not where the value is text, a number, or whatever JSON the function made. */
function mayGiveFiles(serializer: string, type: string): boolean {
  const plain = ["StringSerializable", "NumberSerializable", "BooleanSerializable", "ListStringSerializable"];
  return !plain.includes(serializer) && type !== "json" && type !== "dataframe";
}
