// In a test environment such as jsdom, the global Blob and File are those of a page, which Node's Request and Response do not accept.

/** The part of Node's `process` that is used here. */
interface NodeProcess {
  getBuiltinModule?: (name: "node:buffer") => { Blob: typeof Blob; File: typeof File };
}

/** Node's own classes; those of the page in a browser. */
function classes(): { Blob: typeof Blob; File: typeof File } {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.("node:buffer") ?? globalThis;
}

/** Whether a value is a Blob or a File, also one of a test environment. */
export function isBlob(value: unknown): value is Blob {
  if (value instanceof Blob) return true;
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value)) && "arrayBuffer" in Object(value);
}

/** Whether a value is a File, also one of a test environment. */
export function isFile(value: unknown): value is File {
  return isBlob(value) && "name" in value;
}

/** Creates a Blob. */
export function createBlob(parts: BlobPart[]): Blob {
  const own = classes();
  return new own.Blob(parts);
}

/** Creates a File. */
export function createFile(content: Blob, name: string): File {
  const own = classes();
  return new own.File([content], name, { type: content.type });
}

/** Returns a Blob that can be the body of a Response: one of a test environment is copied. */
export async function ownBlob(blob: Blob): Promise<Blob> {
  const own = classes();
  return Object(blob) instanceof own.Blob ? blob : new own.Blob([await blob.arrayBuffer()], { type: blob.type });
}
