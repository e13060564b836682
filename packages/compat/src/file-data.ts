import { handleFile, InputError } from "@gradio-rx/client";
import type { Command } from "./types.ts";

/** Fields of {@link FileData} that its constructor takes. */
type FileFields = Omit<FileData, "meta">;

/** A file in the form of the wire, for the data of a call. */
export class FileData {
  path: string;
  url?: string;
  orig_name?: string;
  size?: number;
  /** Bytes of a file that has no address yet. */
  blob?: File;
  is_stream?: boolean;
  mime_type?: string;
  alt_text?: string;
  b64?: string;
  /** Marks the object as a file. */
  readonly meta: { _type: string };

  constructor({ path, blob, ...rest }: FileFields) {
    this.path = path;
    Object.assign(this, rest);
    if (blob && rest.url === undefined) this.blob = blob;
    this.meta = { _type: "gradio.FileData" };
  }
}

/** Describes files that are to be uploaded with `client.upload`. */
export async function prepare_files(files: File[], is_stream?: boolean): Promise<FileData[]> {
  const stream = is_stream === undefined ? {} : { is_stream };
  return files.map(
    (blob) =>
      new FileData({ path: blob.name, orig_name: blob.name, blob, size: blob.size, mime_type: blob.type, ...stream }),
  );
}

/**
 * Marks a value as a file for the data of a call: a Blob, bytes, the http(s) address of a file, or in Node a path.
 *
 * @throws InputError for anything else.
 */
export function handle_file(file_or_url: File | string | Blob | Uint8Array): FileData | Blob | Command {
  if (typeof file_or_url !== "string") return blobOf(file_or_url);
  if (/^https?:\/\//i.test(file_or_url)) {
    const orig_name = new URL(file_or_url).pathname.split("/").at(-1) || "unknown";
    return new FileData({ path: file_or_url, url: file_or_url, orig_name });
  }
  // The client reads the file while it sends it. Callers only pass it on.
  return handleFile(file_or_url) as unknown as Command;
}

/** Returns a Blob, or bytes as a Blob. The classes of another realm, such as Jest's, are not those of this realm. */
function blobOf(value: unknown): Blob {
  if (/^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value))) return value as Blob;
  if (ArrayBuffer.isView(value))
    return new Blob([new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice()]);
  const given = value === null ? "null" : typeof value;
  throw new InputError(`handle_file accepts a URL, a path, a File, a Blob or a Uint8Array, and received ${given}.`);
}
