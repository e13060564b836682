import { concat, defer, finalize, from, ignoreElements, merge, type Observable, of, Subject } from "rxjs";
import { type Endpoint, withSlash } from "../app/endpoints.ts";
import type { Connection } from "../connection.ts";
import { bindArguments, type BoundArguments, findEndpoint } from "../data/arguments.ts";
import { type FileSlot, uploadKey } from "../data/json.ts";
import { outputMapper, type OutputMapper } from "../data/dialect.ts";
import { isBlob } from "../data/files.ts";
import { loadedTransfers, loadTransfers, takesFiles } from "../data/load-transfers.ts";
import { InputError } from "../errors.ts";
import { isFields } from "../fields.ts";
import type { CallOptions, UploadProgress } from "../options.ts";
import { InputStream } from "./input-stream.ts";
import type { CallMessage } from "./messages.ts";

/** A call as its caller wrote it: unchecked. */
export interface GivenCall {
  endpoint: unknown;
  data: unknown;
  options: unknown;
}

/** Reads the arguments of `predict`, `submit` and `observe`, of which the endpoint may be left out. */
export function readCall(given: readonly unknown[]): GivenCall {
  const [first, second, third] = given;
  if (typeof first === "object" && first !== null) return { endpoint: undefined, data: first, options: second };
  return { endpoint: first, data: second, options: third };
}

/** Name and index that the events of a call carry. */
export interface EndpointName {
  endpoint: string;
  fnIndex: number;
}

/** The endpoint that a caller named, or the error that the call fails with. */
export type Resolved = EndpointName & ({ found: Endpoint; fault: null } | { found: null; fault: unknown });

/** Finds the endpoint that a caller named. Does not throw: a call without an endpoint fails as every call does. */
export function resolveEndpoint({ app }: Connection, named: unknown): Resolved {
  try {
    const found = findEndpoint(app.endpoints, named);
    return { endpoint: found.name, fnIndex: found.index, found, fault: null };
  } catch (fault) {
    return { ...unresolved(named), found: null, fault };
  }
}

/** Returns name and index for the events of a call whose endpoint is not known. */
export function unresolved(named: unknown): EndpointName {
  return { endpoint: typeof named === "string" ? withSlash(named) : "", fnIndex: -1 };
}

/**
 * Whether the arguments of a call can be completed at once. The functions for files may be missing where a function that the
 * app has rendered is the first that takes files.
 */
export function canBind({ found }: Resolved): boolean {
  return !found || !takesFiles(found) || loadedTransfers() !== undefined;
}

/** Completes the arguments of a call. The caller's data is copied. Throws InputError. */
export function bindCall(
  connection: Connection,
  resolved: Resolved,
  data: unknown,
  { isolate }: CallOptions,
): BoundArguments {
  const { found, fault } = resolved;
  if (!found) throw fault;
  if (isolate === true && found.stateful)
    throw new InputError(`${found.name} keeps state in the client's session: it cannot be isolated.`, {
      endpoint: found.name,
      parameter: "isolate",
    });
  return bindArguments(found, data, connection);
}

/** Minimum milliseconds between two messages about the progress of an upload. */
const PROGRESS_INTERVAL = 50;

/**
 * Uploads the files of a call, and then sends it.
 *
 * @param send - makes the messages of the call from its data, in which each file is replaced by its reference.
 * @returns `uploading` messages, followed by those of the call. Unsubscribing aborts the uploads.
 */
export function uploadThenSend(
  { data, files }: BoundArguments,
  connection: Connection,
  { onUploadProgress, idleTimeout }: CallOptions,
  send: (data: readonly unknown[]) => Observable<CallMessage>,
): Observable<CallMessage> {
  if (files.length === 0) return send(data);
  const uploading$ = defer(() => {
    const abort = new AbortController();
    const progress = new Subject<CallMessage>();
    const report = progressReport(files, (message) => progress.next(message));
    const uploaded = loadTransfers().then(({ uploadFiles }) =>
      uploadFiles(files, connection, {
        signal: abort.signal,
        idleTimeout,
        onProgress: (one, index) => {
          report(one, index);
          onUploadProgress?.(one);
        },
      }),
    );
    return merge(progress, from(uploaded.finally(() => progress.complete())).pipe(ignoreElements())).pipe(
      finalize(() => abort.abort()),
    );
  });
  return concat(
    of<CallMessage>({ kind: "uploading", files: files.length, sent: 0, total: sum(sizesOf(files)) }),
    uploading$,
    defer(() => send(data)),
  );
}

/** Makes a function that adds up the progress of a call's files, and emits the sum, not too often. */
function progressReport(
  files: readonly FileSlot[],
  emit: (message: CallMessage) => void,
): (progress: UploadProgress, index: number) => void {
  const sizes = sizesOf(files);
  const bytes = files.map(() => 0);
  let last = performance.now();
  return ({ sent, total }, index) => {
    sizes[index] = total;
    bytes[index] = sent;
    const now = performance.now();
    const whole = { sent: sum(bytes), total: sum(sizes) };
    if (now - last < PROGRESS_INTERVAL && whole.sent < whole.total) return;
    last = now;
    emit({ kind: "uploading", files: files.length, ...whole });
  };
}

/** Returns the bytes of each file: 0 for a file that an earlier parameter has, too, because it is uploaded once. */
function sizesOf(files: readonly FileSlot[]): number[] {
  const keys = new Set<unknown>();
  return files.map((file) => {
    const key = uploadKey(file);
    if (keys.has(key)) return 0;
    keys.add(key);
    return sizeOf(file);
  });
}

/** Returns the number of bytes of a file; `Infinity` where it is unknown until the file is read. */
function sizeOf({ source }: FileSlot): number {
  return isBlob(source) ? source.size : Infinity;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/**
 * Makes the input of a call that takes a stream of chunks; `null` for a call that is known to take none.
 *
 * @param named - endpoint as the caller named it.
 * @param signal - signal of the call, which is aborted with a `CallEnd`. It ends the uploads of chunks.
 */
export function openInput(
  connection: Connection | Promise<Connection>,
  named: unknown,
  { onUploadProgress: onProgress, idleTimeout }: CallOptions,
  signal: AbortSignal,
): InputStream | null {
  if (!(connection instanceof Promise) && !resolveEndpoint(connection, named).found?.stream) return null;
  return new InputStream(
    unresolved(named).endpoint,
    async (chunk) => {
      const [{ uploadFiles }, connected] = await Promise.all([loadTransfers(), connection]);
      const { found, endpoint } = resolveEndpoint(connected, named);
      if (!found?.stream) throw new InputError(`${endpoint} does not accept streaming input.`, { endpoint });
      const { data, files } = bindArguments(found, chunkData(found, chunk), connected);
      if (files.length > 0) await uploadFiles(files, connected, { signal, idleTimeout, onProgress });
      return data;
    },
    signal,
  );
}

/** Returns the data of a chunk, which has the form of a call's data. An endpoint with one parameter also accepts the bare value. */
function chunkData({ parameters }: Endpoint, chunk: unknown): unknown {
  const [only, second] = parameters;
  const isBare = !Array.isArray(chunk) && !(isFields(chunk) && only?.name != null && Object.hasOwn(chunk, only.name));
  return only && !second && isBare ? [chunk] : chunk;
}

/** Returns the mappers of an endpoint's visible outputs; `null` for outputs that stay as they are. */
export function outputMappers(connection: Connection, { returns }: Endpoint): (OutputMapper | null)[] {
  return returns.map(({ file, component }) =>
    file !== null ? outputMapper(connection.dialect(component), connection) : null,
  );
}
