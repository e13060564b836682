import type { RawApp } from "@gradio-rx/core/raw";
import { FileData } from "./file-data.ts";
import type { UploadResponse } from "./types.ts";

/** Maximum number of files of one request. */
const MAX_FILES = 1_000;

/** Uploads files. Resolves with their paths, or with the reason of the failure. */
export async function uploadFiles(
  app: RawApp,
  files: readonly (Blob | File)[],
  uploadId: string | undefined,
): Promise<UploadResponse> {
  const paths: string[] = [];
  try {
    for (let at = 0; at < files.length; at += MAX_FILES) {
      const some = files.slice(at, at + MAX_FILES);
      const named = some.map((blob) => ({ name: "name" in blob && blob.name !== "" ? blob.name : "blob", blob }));
      paths.push(...(await app.upload(named, uploadId)));
    }
    return { files: paths };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Uploads the files of {@link FileData} objects, and returns them with path and address.
 *
 * @throws Error for a file that is larger than `maxFileSize` bytes, before the upload; for an upload that failed.
 */
export async function uploadFileData(
  app: RawApp,
  given: readonly FileData[],
  { upload, maxFileSize }: { upload: (files: Blob[]) => Promise<UploadResponse>; maxFileSize: number | undefined },
): Promise<FileData[]> {
  const blobs = given.map(({ blob, orig_name, path }) => {
    if (blob) return blob;
    throw new Error(`The file ${orig_name ?? path} has no bytes to upload.`);
  });
  const large = blobs.filter(({ size }) => size > (maxFileSize ?? Infinity));
  if (large.length > 0) {
    const names = large.map(({ name }) => `"${name}"`).join(", ");
    throw new Error(`File(s) exceed the maximum allowed size of ${maxFileSize} bytes: ${names}`);
  }
  const { files = [], error } = await upload(blobs);
  if (error !== undefined) throw new Error(error);
  return files.map((path, at) => {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    const { blob: _, ...rest } = given[at]!;
    return new FileData({ ...rest, path, url: `${app.url.href}${app.prefix}file=${encoded}` });
  });
}
