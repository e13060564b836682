import { InputError } from "../../errors.ts";
import { isFields, number, text } from "../../fields.ts";
import type { FileDialect } from "../../data/dialect.ts";
import { lastPart } from "../../data/files.ts";

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
