import { DownloadError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { DownloadOptions } from "./downloads.ts";
import { type FileData, httpUrl, lastPart } from "./files.ts";
import { type DownloadProgress, readFile, type UseFile } from "./read.ts";

/** Limits for the files of outputs that are downloaded before an output is emitted. */
export interface OutputFileLimits {
  /** Hosts that files may come from, besides those of the app and its Space. Default none. */
  hosts?: readonly string[] | undefined;
  /** Maximum number of files of one output. Default 1 000. */
  maxFiles?: number | undefined;
  /** Maximum size of the files of one output in bytes. Default 10 GiB. */
  maxBytes?: number | undefined;
}

/** Options of the download of one file of an output. */
export interface OutputFileOptions extends DownloadOptions {
  onProgress: (progress: DownloadProgress) => void;
}

/** Downloads files of outputs, within limits. */
export interface OutputFiles {
  /** Maximum number of files of one output. */
  readonly maxFiles: number;
  /** Maximum size of the files of one output in bytes. */
  readonly maxBytes: number;
  /** Downloads a file, and returns its path on this machine. */
  download(file: FileData, options: OutputFileOptions): Promise<string>;
}

const MAX_FILES = 1_000;
const MAX_BYTES = 10 * 1_024 ** 3;

/**
 * Returns the download of files of an app's outputs.
 *
 * @param spaceId - `owner/name` of the app's Space; `null` for an app that is not a Space.
 * @param save - writes a file, and returns its path.
 */
export function outputFiles(
  http: Http,
  spaceId: string | null,
  save: UseFile<string>,
  { hosts = [], maxFiles = MAX_FILES, maxBytes = MAX_BYTES }: OutputFileLimits,
): OutputFiles {
  const { base } = http.settings;
  const space = spaceId === null ? [] : [`${spaceId.replace(/[/._]/g, "-")}.hf.space`];
  const allowed = new Set([base.host, ...space, ...hosts].map((host) => host.toLowerCase()));
  const allows = ({ host, hostname }: URL): boolean => allowed.has(host) || allowed.has(hostname);
  return {
    maxFiles,
    maxBytes,
    async download(file, options) {
      const url = httpUrl(file.url);
      if (url && !allows(url)) throw refused(file, url);
      return await readFile(http, file, { ...options, allows }, save);
    },
  };
}

function refused({ origName, path }: FileData, { host }: URL): DownloadError {
  const name = JSON.stringify(lastPart(origName ?? path) || "file");
  return new DownloadError(
    `${name} was not downloaded: it is on another host, ${host}. Add the host to the option "downloadFiles" (hosts) if you trust it.`,
  );
}
