import { concatMap, defer, from, map, type Observable, of, tap } from "rxjs";
import { isOutputFile, replacer } from "../data/dialect.ts";
import type { FileData } from "../data/files.ts";
import type { DownloadProgress, OutputFiles } from "../data/read.ts";
import { DownloadError } from "../errors.ts";
import { followSignals } from "../timers.ts";
import type { CallEvent } from "./messages.ts";

/** Maximum number of files of one output that are downloaded at the same time. */
const CONCURRENCY = 6;

/** Options of {@link downloadOutputs}. */
export interface OutputDownloadOptions {
  /** Time without a byte after which a download fails, in milliseconds. Default: five minutes. */
  idleTimeout?: number | undefined;
  /** Called with each chunk: a sign of life of the call. */
  onBytes: () => void;
}

/**
 * Delays outputs until their files are downloaded; the files then have a `localPath`. Later events wait behind them. Media
 * streams are not downloaded, as they are not complete. A file that occurs again is downloaded once. Unsubscribing aborts the
 * downloads.
 *
 * @throws DownloadError, also where an output has more files or bytes than the limits allow.
 */
export function downloadOutputs(
  source: OutputFiles,
  options: OutputDownloadOptions,
): (events$: Observable<CallEvent>) => Observable<CallEvent> {
  return (events$) =>
    defer(() => {
      /** Paths of the downloaded files, by the key of the file. */
      const paths = new Map<string, string>();
      const withPaths = replacer((value) => {
        const localPath = isOutputFile(value) && !value.isStream ? paths.get(keyOf(value)) : undefined;
        return localPath === undefined ? null : { ...value, localPath };
      });
      return events$.pipe(
        concatMap((event) => {
          const files = filesOf(event);
          return files.length === 0
            ? of(event)
            : downloadAll(files, paths, source, options).pipe(map(() => withLocalPaths(event, withPaths)));
        }),
      );
    });
}

/** Downloads the files that were not downloaded before. Emits once, when all are complete. */
function downloadAll(
  files: readonly FileData[],
  paths: Map<string, string>,
  source: OutputFiles,
  { idleTimeout, onBytes }: OutputDownloadOptions,
): Observable<unknown> {
  return defer(() => {
    const abort = new AbortController();
    const missing = new Map(files.map((file) => [keyOf(file), file]));
    for (const key of paths.keys()) missing.delete(key);
    const { maxFiles, maxBytes } = source;
    if (missing.size > maxFiles) throw tooMuch(`${missing.size} files`, `${maxFiles} files`);
    let bytes = 0;
    const next = async (): Promise<void> => {
      for (const [key, file] of missing) {
        missing.delete(key);
        // Each file has a signal of its own: a signal with many listeners makes Node print a warning.
        const { signal, release } = followSignals([abort.signal]);
        let before = 0;
        const onProgress = ({ received }: DownloadProgress): void => {
          bytes += received - before;
          before = received;
          onBytes();
          if (bytes > maxBytes) abort.abort(tooMuch(`more than ${maxBytes} bytes`, `${maxBytes} bytes`));
        };
        try {
          paths.set(key, await source.download(file, { signal, idleTimeout, onProgress }));
        } finally {
          release();
        }
      }
    };
    const all = Promise.all(Array.from({ length: CONCURRENCY }, next));
    return from(all).pipe(tap({ unsubscribe: () => abort.abort(), error: () => abort.abort() }));
  });
}

function tooMuch(found: string, limit: string): DownloadError {
  return new DownloadError(
    `The files of the output were not downloaded: it has ${found}; at most ${limit} are allowed. See the option "downloadFiles".`,
  );
}

function filesOf(event: CallEvent): FileData[] {
  const value = event.type === "output" ? event.event.outputs : event.type === "result" ? event.data : null;
  if (typeof value !== "object" || value === null) return [];
  const found: FileData[] = [];
  replacer((part) => {
    if (!isOutputFile(part)) return null;
    if (!part.isStream) found.push(part);
    return part;
  })(value);
  return found;
}

function withLocalPaths(event: CallEvent, withPaths: (value: unknown) => unknown): CallEvent {
  if (event.type === "result") return { ...event, data: withPaths(event.data) };
  if (event.type !== "output") return event;
  const { outputs, data } = event.event;
  const mapped = outputs.map((output) => withPaths(output));
  // Edits lead to the output without the paths.
  return { type: "output", event: { ...event.event, data: withPaths(data), outputs: mapped }, edits: null };
}

/** Returns the key of a file: its path, because signed URLs differ each time; its URL for a file without a path. */
function keyOf({ path, url }: FileData): string {
  return path || url;
}
