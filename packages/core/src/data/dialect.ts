import { type Fields, fieldsOf, isFields, number, text } from "../fields.ts";
import { unsignedUrl } from "../http/urls.ts";
import { type FileData, httpUrl } from "./files.ts";

/** What a value on the wire says of a file. */
export interface WireFile extends Omit<FileData, "url" | "localPath"> {
  /** The address that the app announces: raw, encoded, relative or none. */
  url: string | null;
}

/** How one generation of the wire writes files, in and out (PROTOCOL.md, 6.1). */
export interface FileDialect {
  /** The wire's form of a file that the app has already, or fetches itself. */
  write(file: { path: string } & { [Name in keyof FileData]?: FileData[Name] | undefined }): unknown;
  /** What an output's value says of a file; `null` where it is none. */
  read(value: unknown): WireFile | null;
  /** Whether the bytes of a file go in the arguments, as a data URL, and not by way of an upload. Default `false`. */
  inline?: boolean;
}

/** 4.21 and newer: a file is what says so in its `meta`. Without it the app refuses a file. */
export const markedFiles: FileDialect = {
  write: (file) => ({
    path: file.path,
    ...(file.url === undefined ? {} : { url: unsignedUrl(file.url) }),
    orig_name: file.origName ?? null,
    size: file.size ?? null,
    mime_type: file.mimeType ?? null,
    meta: { _type: "gradio.FileData" },
  }),
  read: (value) => {
    const fields = fieldsOf(value);
    const { meta, is_stream: isStream } = fields;
    // Streams of 5.0 say nothing of what they are.
    const marked = isFields(meta) ? meta["_type"] === "gradio.FileData" : isStream === true;
    return marked ? facts(fields) : null;
  },
};

/** Before: nothing says so, and an object with a path and a name counts as one. The `meta` of a file given does no harm. */
export const plainFiles: FileDialect = {
  write: (file) => markedFiles.write(file),
  read: (value) => markedFiles.read(value) ?? (isFields(value) && "orig_name" in value ? facts(value) : null),
};

function facts(fields: Fields): WireFile | null {
  // A picture that the app writes into the address itself, as SVG, lies nowhere.
  const path = text(fields["path"]) ?? text(fields["url"]);
  if (path === null) return null;
  return {
    path,
    url: text(fields["url"]),
    origName: text(fields["orig_name"]),
    size: number(fields["size"]),
    mimeType: text(fields["mime_type"]),
    isStream: fields["is_stream"] === true,
  };
}

/** The dialect that a component's files are written in. */
export type DialectOf = (component: string) => FileDialect;

/** Where the files of an app are. */
export interface FileHome {
  app: {
    /** The address that it really has. */
    base: URL;
    config: {
      /** What stands before every path of its API. */
      prefix: string;
      /** The address that it believes to have. */
      root: string | null;
    };
  };
  /** Signs addresses where they are a private Space's; `null` where they are not. */
  signature: { sign(address: string): string } | null;
}

/**
 * What a caller gets of a file on the wire. Its address is made from the app's own, whatever the answer says, unless it
 * is a stream or a file that lies elsewhere.
 */
export function fileData(wired: WireFile, { app, signature }: FileHome): FileData {
  const url = address(wired, app);
  return { ...wired, url: signature?.sign(url) ?? url };
}

function address({ path, url: announced, isStream }: WireFile, { base, config }: FileHome["app"]): string {
  if (httpUrl(path)) return path;
  if (announced !== null && (isStream || !announced.includes("/file="))) {
    const root = config.root ?? "";
    const relative = announced.startsWith(root) ? announced.slice(root.length) : announced;
    if (httpUrl(relative)) return relative;
    // What is no address of the web (a script, a file of this machine) is none: pages put addresses into links.
    const own = relative.replace(/^\//, "");
    const url = URL.canParse(own, base) ? new URL(own, base) : undefined;
    if (url && (httpUrl(url) || /^data:image\//i.test(url.href))) return url.href;
  }
  // Streams of 5.0 tell no address either.
  const route = isStream ? "stream/" : "file=";
  return base.href + config.prefix + route + path.split("/").map(encodeURIComponent).join("/");
}
