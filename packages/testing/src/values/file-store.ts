/** A file that the server holds. */
export interface StoredFile {
  /** The path by which callers name it. */
  path: string;
  name: string;
  content: Blob;
  /** Changes with the content. */
  hash: string;
  /** When it came, in milliseconds since 1970. */
  since: number;
}

/** The files of one app: what was uploaded and what its functions made. They live in memory, as long as the app. */
export interface FileStore {
  /** Keeps a file. The same content under the same name has the same path, and is kept once. */
  add(content: Blob, name: string): Promise<StoredFile>;
  /** The file at a path, or `undefined`. */
  get(path: string): StoredFile | undefined;
  /** The file as functions receive it: the same object for the same path. */
  open(stored: StoredFile): File;
}

/** An empty store. */
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
      const stored = { path, name, content, hash, since: Date.now() };
      files.set(path, stored);
      return stored;
    },
    get: (path) => files.get(path),
    open(stored) {
      const known = opened.get(stored.path);
      if (known !== undefined) return known;
      const file = new File([stored.content], stored.name, { type: stored.content.type });
      opened.set(stored.path, file);
      origins.set(file, stored);
      return file;
    },
  };
}

/** The name under which a file of this given name is kept: no folders, nothing that a file system would mind. */
export function cleanName(given: string): string {
  const last = given.slice(given.lastIndexOf("/") + 1);
  // oxlint-disable-next-line no-control-regex -- control characters are what it takes out
  const name = last.replaceAll(/[\u0000-\u001F\u007F"*/:<>?\\|]/g, "").replace(/[ .]+$/, "");
  return name === "" ? "file" : name;
}

async function digest(content: Blob): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await content.arrayBuffer()));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
