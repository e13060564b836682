import type { CallRequest } from "./call/call.ts";
import { Feed } from "./call/feed.ts";
import type { Connection } from "./connection.ts";
import type { Endpoint } from "./app/endpoints.ts";
import { findEndpoint, target, type Target } from "./data/arguments.ts";
import { filePresenter } from "./data/outputs.ts";
import { InputError } from "./errors.ts";
import { isFields } from "./fields.ts";
import type { CallOptions } from "./options.ts";
import type { CallTies } from "./protocol/protocol.ts";

/** A call as it was written: nothing of it has been looked at yet. */
export interface GivenCall {
  endpoint: unknown;
  data: unknown;
  options: unknown;
}

/** Tells the endpoint from the data where the endpoint is left out. */
export function readCall(given: readonly unknown[]): GivenCall {
  const [first, second, third] = given;
  if (typeof first === "object" && first !== null) return { endpoint: undefined, data: first, options: second };
  return { endpoint: first, data: second, options: third };
}

/** Where a call goes: its endpoint, or why it has none; and what its events go by, also then. */
export interface Destination {
  endpoint: string;
  fnIndex: number;
  found: Endpoint | null;
  fault: unknown;
}

/** Finds the endpoint that a caller named. */
export function destination({ app }: Connection, named: unknown): Destination {
  try {
    const found = findEndpoint(app.endpoints, named);
    return { endpoint: found.name, fnIndex: found.index, found, fault: null };
  } catch (fault) {
    const endpoint = typeof named === "string" ? `/${named.replace(/^\//, "")}` : "";
    return { endpoint, fnIndex: -1, found: null, fault };
  }
}

/** Completes the arguments of a call. Throws InputError. */
export function aim(
  connection: Connection,
  { found, fault }: Destination,
  data: unknown,
  { isolate }: CallOptions,
): Target {
  if (!found) throw fault;
  if (isolate === true && found.stateful)
    throw new InputError(`${found.name} keeps state in the client's session: it cannot be isolated.`, {
      endpoint: found.name,
      parameter: "isolate",
    });
  return target(found, data, connection);
}

/** How a call's files are sent. What sends them is loaded when there are any. */
export function uploader(connection: Connection, { onUploadProgress: onProgress }: CallOptions): CallRequest["upload"] {
  return async ({ data, files }, signal) => {
    if (files.length > 0) {
      const { uploadFiles } = await import("./data/uploads.ts");
      await uploadFiles(files, connection, { signal, onProgress });
    }
    return data;
  };
}

/**
 * What takes the chunks of a call whose input is a stream; `null` for any other call.
 *
 * @param signal - ends what is being sent.
 */
export function feeder(
  connection: Connection,
  { found }: Destination,
  options: CallOptions,
  { ties, signal }: { ties: CallTies; signal: AbortSignal },
): Feed | null {
  if (!found?.stream) return null;
  const upload = uploader(connection, options);
  const prepare = async (chunk: unknown): Promise<readonly unknown[]> =>
    await upload(target(found, chunkData(found, chunk), connection), signal);
  return new Feed({ endpoint: found.name, prepare, ties });
}

/** A chunk is data as a call's is; where there is one parameter, its bare value will do. */
function chunkData({ parameters }: Endpoint, chunk: unknown): unknown {
  const [only, second] = parameters;
  const isBare = !Array.isArray(chunk) && !(isFields(chunk) && only?.name != null && Object.hasOwn(chunk, only.name));
  return only && !second && isBare ? [chunk] : chunk;
}

/** What the caller gets of an output's value on the wire; `undefined` where it is handed out as it is. */
export function presenter(connection: Connection, { returns }: Endpoint): ReturnType<CallRequest["present"]> {
  if (returns.every(({ file }) => file === null)) return undefined;
  const presenters = returns.map(({ file, component }) =>
    file !== null ? filePresenter(connection.dialect(component), connection) : null,
  );
  return (value, output) => presenters[output]?.(value) ?? value;
}
