import { InputError } from "../errors.ts";
import { isFields, number, text } from "../fields.ts";
import type { FileDialect } from "./dialect.ts";
import { lastPart } from "./files.ts";

/**
 * Gradio 3 (PROTOCOL.md, 6.1): a file goes by the name that the app keeps it under, or with its bytes as a data URL beside
 * its name.
 */
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

/** Images of Gradio 3 are data URLs, in and out. */
const inlineImages: FileDialect = {
  inline: true,
  write: ({ url }) => {
    if (isDataUrl(url)) return url;
    throw new InputError(
      "An image goes to an app of Gradio 3 with its bytes: it fetches none. Pass a Blob, or handleFile(…).",
    );
  },
  read: (value) =>
    isDataUrl(value)
      ? { path: "", url: value, origName: null, size: null, mimeType: mimeType(value), isStream: false }
      : namedFiles.read(value),
};

/** How apps of Gradio 3 write the files of a component. */
export function gradio3Files(component: string): FileDialect {
  return component.toLowerCase() === "image" ? inlineImages : namedFiles;
}

function isDataUrl(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("data:");
}

function mimeType(dataUrl: string): string | null {
  const end = dataUrl.slice(0, 200).search(/[;,]/);
  return end > 5 ? dataUrl.slice(5, end) : null;
}
