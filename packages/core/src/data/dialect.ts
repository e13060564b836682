import { type Fields, fieldsOf, isFields, number, text } from "../fields.ts";
import { encodePart, unsignedUrl } from "../http/urls.ts";
import type { Edit, Path } from "../wire/diff.ts";
import { type FileData, httpUrl, isFileData } from "./files.ts";

/** A file as the wire describes it. */
export interface WireFile extends Omit<FileData, "url" | "localPath"> {
  /** Address that the app announces: absolute or relative, encoded or not; `null` for none. */
  url: string | null;
}

/** Encoding of files in one generation of the wire (PROTOCOL.md, 6.1). */
export interface FileDialect {
  /** Returns the wire's form of a file that the app has or downloads itself. */
  write(file: { path: string } & { [Name in keyof FileData]?: FileData[Name] | undefined }): unknown;
  /** Reads a file in an output's value; returns `null` for a value that is not a file. */
  read(value: unknown): WireFile | null;
  /** Whether the bytes are sent in the arguments, as a data URL, instead of being uploaded. Default `false`. */
  inline?: boolean;
}

/** Returns the encoding of a component's files. */
export type DialectOf = (component: string) => FileDialect;

/** Encoding since Gradio 4.21: the `meta` of an object says that it is a file. Without `meta` the app rejects a file. */
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
    // Streams of Gradio 5.0 have no `meta`.
    const marked = isFields(meta) ? meta["_type"] === "gradio.FileData" : isStream === true;
    return marked ? wireFile(fields) : null;
  },
};

/** Encoding before 4.21: an object with a path and an original name is a file. The app ignores `meta` in its input. */
export const plainFiles: FileDialect = {
  write: (file) => markedFiles.write(file),
  read: (value) => markedFiles.read(value) ?? (isFields(value) && "orig_name" in value ? wireFile(value) : null),
};

function wireFile(fields: Fields): WireFile | null {
  // An SVG that the app writes into the address itself has no path.
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

/** Addresses from which the URLs of an app's files are made. */
export interface FileHome {
  app: {
    /** Address at which the app was reached. */
    base: URL;
    config: {
      /** Prefix of all paths of its API. */
      prefix: string;
      /** Address that the app believes to have. */
      root: string | null;
    };
  };
  /** Signs the addresses of a private Space's files; `null` for any other app. */
  signature: { sign(address: string): string } | null;
}

/**
 * Returns a file as callers get it. Its URL is made from the address at which the app was reached; the announced address is
 * used only for a stream and for a file on another host.
 */
export function fileData(wired: WireFile, { app, signature }: FileHome): FileData {
  const url = address(wired, app);
  return { ...wired, url: signature?.sign(url) ?? url };
}

/** A `data:` address that a page may show. One of another type could be a page with a script. */
const MEDIA = /^data:(image|audio|video)\//i;

function address({ path, url: announced, isStream }: WireFile, { base, config }: FileHome["app"]): string {
  if (httpUrl(path)) return path;
  if (announced !== null && (isStream || !announced.includes("/file="))) {
    const root = config.root ?? "";
    const relative = announced.startsWith(root) ? announced.slice(root.length) : announced;
    if (httpUrl(relative)) return relative;
    // Pages use addresses in links, so an address of another scheme (a script, a local file) is not used.
    const own = relative.replace(/^\//, "");
    const url = URL.canParse(own, base) ? new URL(own, base) : undefined;
    if (url && (httpUrl(url) || MEDIA.test(url.href))) return url.href;
  }
  // Streams of Gradio 5.0 announce no address.
  const route = isStream ? "stream/" : "file=";
  return base.href + config.prefix + route + path.split("/").map(encodePart).join("/");
}

/** The files that {@link outputMapper} has made. */
const outputFiles = new WeakSet<object>();

/**
 * Whether a value is a file that the SDK made of an output. The form of an object does not show that: an app can send an
 * object of the same form in a JSON output.
 */
export function isOutputFile(value: unknown): value is FileData {
  return typeof value === "object" && value !== null && outputFiles.has(value);
}

/** Maps the values of one output from the wire to those for the caller: files become {@link FileData}, at any depth. */
export interface OutputMapper {
  /** Maps a whole value. Parts that it has mapped before come out as the same objects. */
  map(value: unknown): unknown;
  /**
   * Maps edits of a value, so that they lead from the mapped value before to the mapped value after.
   *
   * @param edits - edits that were applied to the value on the wire.
   * @returns the edits themselves where no value in them changes; `null` where an edit is inside a file: then the value has to be mapped as a whole.
   */
  mapEdits(edits: readonly Edit[], before: unknown, after: unknown): readonly Edit[] | null;
}

/** Makes the mapper of an output whose files have an encoding. */
export function outputMapper(dialect: FileDialect, home: FileHome): OutputMapper {
  const read = (value: unknown): WireFile | null => dialect.read(value) ?? imitation(value);
  const toFile = (value: unknown): FileData | null => {
    const wired = read(value);
    if (!wired) return null;
    const file = fileData(wired, home);
    outputFiles.add(file);
    return file;
  };
  const inside = replacer(toFile);
  // With inline files the value itself, a string, may be a file.
  const map = (value: unknown): unknown =>
    dialect.inline && typeof value === "string" ? (toFile(value) ?? value) : inside(value);
  const isFile = (value: unknown): boolean => read(value) !== null;
  return {
    map,
    mapEdits(edits, before, after) {
      const mapped: Edit[] = [];
      let isSame = true;
      for (const edit of edits) {
        const [operation, path, value] = edit;
        if (passes(before, path, isFile) || passes(after, path, isFile)) return null;
        const made = map(value);
        isSame &&= made === value;
        mapped.push(made === value ? edit : [operation, path, made]);
      }
      return isSame ? edits : mapped;
    },
  };
}

/** Whether a path leads into a value that passes a test. */
function passes(value: unknown, path: Path, test: (value: unknown) => boolean): boolean {
  let at = value;
  for (const key of path) {
    if (Array.isArray(at)) at = typeof key === "number" ? at[key] : undefined;
    else if (!isFields(at)) return false;
    else if (test(at)) return true;
    else at = Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return false;
}

/** Reads an object that an app sends in the form of FileData. Its fields are as untrusted as those of any file on the wire. */
function imitation(value: unknown): WireFile | null {
  if (!isFileData(value)) return null;
  const { path, url, origName, size, mimeType, isStream }: Fields = { ...value };
  return wireFile({ path, url, orig_name: origName, size, mime_type: mimeType, is_stream: isStream });
}

/**
 * Returns a function that replaces objects at any depth of a JSON value. A value in which nothing is replaced is returned as it is.
 * The same object is replaced by the same object each time.
 */
export function replacer(replace: (value: object) => object | null): (value: unknown) => unknown {
  const replaced = new WeakMap<object, object>();
  const at = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const known = replaced.get(value);
    if (known) return known;
    const made = replace(value) ?? (Array.isArray(value) ? inList(value) : isFields(value) ? inFields(value) : value);
    if (made !== value) replaced.set(value, made);
    return made;
  };
  const inList = (list: readonly unknown[]): readonly unknown[] => {
    let copy: unknown[] | null = null;
    for (let index = 0; index < list.length; index++) {
      const part = at(list[index]);
      if (part !== list[index]) (copy ??= list.slice())[index] = part;
    }
    return copy ?? list;
  };
  const inFields = (fields: Fields): Fields => {
    let copy: Record<string, unknown> | null = null;
    for (const name of Object.keys(fields)) {
      const part = at(fields[name]);
      // The name is a field of the copy already, so that "__proto__" is one, too.
      if (part !== fields[name]) (copy ??= { ...fields })[name] = part;
    }
    return copy ?? fields;
  };
  return at;
}
