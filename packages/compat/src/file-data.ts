import { handleFile } from "@gradio-rx/client";
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
  if (typeof file_or_url !== "string") {
    if (file_or_url instanceof Blob) return file_or_url;
    return new Blob([file_or_url.slice()]);
  }
  if (/^https?:\/\//i.test(file_or_url)) {
    const orig_name = new URL(file_or_url).pathname.split("/").at(-1) || "unknown";
    return new FileData({ path: file_or_url, url: file_or_url, orig_name });
  }
  // The client reads the file while it sends it. Callers only pass it on.
  return handleFile(file_or_url) as unknown as Command;
}
