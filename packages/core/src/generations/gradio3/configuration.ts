import { type Fields, text } from "../../fields.ts";
import type { Answer, Http, PlainRequest } from "../../http/request.ts";
import { parseConfig, type Serialized } from "../../app/config.ts";
import type { Generation, Traits } from "../generation.ts";
import { gradio3Files } from "./files.ts";
import { webSockets } from "./websocket.ts";

// Configurations of Gradio 3. Early apps have theirs in their page only. A configuration contains neither which components have no value,
// nor which schemas are files (PROTOCOL.md, 1.2, 1.7 and 6.1).

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
export function isLayout(type: string): boolean {
  return layout.has(type);
}

/** Describes the files of a component by its serializer; `null` without one. */
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

/** Whether the value may contain files: not for a text, a number, or JSON that the function made. */
function mayGiveFiles(serializer: string, type: string): boolean {
  const plain = ["StringSerializable", "NumberSerializable", "BooleanSerializable", "ListStringSerializable"];
  return !plain.includes(serializer) && type !== "json" && type !== "dataframe";
}
