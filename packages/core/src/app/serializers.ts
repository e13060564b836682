import { type Fields, text } from "../fields.ts";
import type { Serialized } from "./config.ts";

// Gradio 3 does not say which components have no value, nor in a schema what is a file (PROTOCOL.md, 1.7 and 6.1).

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
