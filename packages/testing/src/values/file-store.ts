import { createFile, ownBlob } from "./blobs.ts";

/** A file that the server holds. */
export interface StoredFile {
  /** Path that identifies the file in requests. */
  path: string;
  name: string;
  content: Blob;
  /** Hash of the content. */
  hash: string;
  /** Time at which it was added, in milliseconds since 1970. */
  since: number;
}

/** Files of one app: uploads, and files that functions returned. They are kept in memory until the app is closed. */
export interface FileStore {
  /** Adds a file. Files with the same content and name share one path and are stored once. */
  add(content: Blob, name: string): Promise<StoredFile>;
  /** Returns the file at a path, or `undefined`. */
  get(path: string): StoredFile | undefined;
  /** Returns the file as functions receive it: the same object for the same path. */
  open(stored: StoredFile): File;
}

/** Creates an empty store. */
export function createFileStore(): FileStore {
  const files = new Map<string, StoredFile>();
  const opened = new Map<string, File>();
  const origins = new WeakMap<Blob, StoredFile>();
  return {
    async add(content, name) {
      const origin = origins.get(content);
      if (origin !== undefined) return origin; // a function that returns what it received returns the same path
      const hash = await digest(content);
      const path = `/tmp/gradio/${hash}/${name}`;
      const known = files.get(path);
      if (known !== undefined) return known;
      const stored = { path, name, content: await ownBlob(content), hash, since: Date.now() };
      files.set(path, stored);
      return stored;
    },
    get: (path) => files.get(path),
    open(stored) {
      const known = opened.get(stored.path);
      if (known !== undefined) return known;
      const file = createFile(stored.content, stored.name);
      opened.set(stored.path, file);
      origins.set(file, stored);
      return file;
    },
  };
}

/** Returns a file name without folders and without characters that file systems do not allow. */
export function cleanName(given: string): string {
  const last = given.slice(given.lastIndexOf("/") + 1);
  // oxlint-disable-next-line no-control-regex -- removes control characters
  const name = last.replaceAll(/[\u0000-\u001F\u007F"*/:<>?\\|]/g, "").replace(/[ .]+$/, "");
  return name === "" ? "file" : name;
}

async function digest(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
