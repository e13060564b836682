import {
  AuthenticationError,
  type ConnectOptions,
  type DuplicateOptions as CoreDuplicateOptions,
  type SpaceStatus as CoreSpaceStatus,
} from "@gradio-rx/client";
import { MISSING_CREDENTIALS_MSG } from "./constants.ts";
import type { ClientOptions, DuplicateOptions, SpaceStatus } from "./types.ts";

/** Milliseconds of a minute. */
const MINUTE = 60_000;

/** Whether the program runs in Node. A page's bundle may contain a `process` without versions. */
function inNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return typeof process?.versions?.node === "string";
}

/** Options of the SDK's client that a client of this package decides. */
type Own = Pick<ConnectOptions, "fetch"> & {
  /** Headers of each request; changes of the object take effect with the next request. */
  headers: Headers;
};

/** Returns options whose `status_callback` receives an error too, where connecting fails: call `fail` then. */
export function withFailure<Options extends ClientOptions>(options: Options): { options: Options; fail: () => void } {
  const { status_callback } = options;
  if (!status_callback) return { options, fail: () => undefined };
  let isTold = false;
  const tell = (status: SpaceStatus): void => {
    isTold = status.load_status === "error";
    status_callback(status);
  };
  const message = "The app could not be loaded.";
  const failure = { status: "error", load_status: "error", detail: "NOT_FOUND", message } as const;
  return { options: { ...options, status_callback: tell }, fail: () => (isTold ? undefined : tell(failure)) };
}

/** Returns the options of the SDK's client. */
export function connectOptions(options: ClientOptions, own: Own): ConnectOptions {
  const {
    token = options.hf_token,
    auth,
    status_callback,
    query_params,
    session_hash,
    oauth_token,
    credentials,
  } = options;
  const { deep_link: deepLink, page } = query_params ?? {};
  return {
    ...own,
    token,
    auth: auth ?? undefined,
    sessionHash: session_hash,
    oauthToken: oauth_token,
    deepLink,
    page,
    onSpaceStatus: status_callback ? (status) => status_callback(spaceStatus(status)) : undefined,
    ...(credentials !== undefined && !inNode() ? { credentials } : {}),
  };
}

/** Returns the options of the SDK's client for a copy of a Space. */
export function duplicateOptions(options: DuplicateOptions, own: Own): ConnectOptions & CoreDuplicateOptions {
  const { private: isPrivate, hardware, timeout } = options;
  const sleepTimeout = timeout === undefined ? undefined : timeout * MINUTE;
  return { ...connectOptions(options, own), private: isPrivate, hardware, sleepTimeout };
}

/** Returns the headers of each request: those of the caller, and the cookies. */
export function headersOf({ headers, cookies }: ClientOptions): Headers {
  const all = new Headers(headers);
  if (cookies !== undefined) all.set("cookie", cookies);
  return all;
}

function spaceStatus({ status, stage, message }: CoreSpaceStatus): SpaceStatus {
  // The Hub's names of stages are the `detail`.
  if (status === "paused" || status === "failed")
    return {
      status: status === "paused" ? "paused" : "space_error",
      detail: stage as "RUNTIME_ERROR",
      load_status: "error",
      message,
      discussions_enabled: false,
    };
  return { status, detail: stage as "BUILDING", load_status: status === "running" ? "complete" : "pending", message };
}

/** Returns the error of connecting. A missing login has the message that callers compare. */
export function connectError(error: unknown, { auth, token, hf_token }: ClientOptions): unknown {
  const isAnonymous = !auth && token === undefined && hf_token === undefined;
  const isMissing = error instanceof AuthenticationError && error.status === 401 && isAnonymous;
  return isMissing ? new Error(MISSING_CREDENTIALS_MSG, { cause: error }) : error;
}
