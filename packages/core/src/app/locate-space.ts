import { ConnectionError, ProtocolError } from "../errors.ts";
import { Http, type HttpSettings } from "../http/request.ts";
import type { ConnectOptions } from "../options.ts";
import { callListener } from "../timers.ts";
import type { App, FindOptions } from "./app.ts";
import type { AppReference } from "./reference.ts";
import { Signature } from "./signature.ts";
import { findSpace, hubHttp, readSpace, type SpaceName } from "./space.ts";
import { diagnoseSpace, untilAwake } from "./wake.ts";

// This module is loaded by `import()`, with all that only Spaces need.
export { duplicateSpace } from "./duplicate.ts";

/** An app that was located and loaded. */
export interface LocatedApp {
  app: App;
  /**
   * Returns the error that explains the failure of a call: a SpaceError where the Space no longer runs, else the given
   * error. `null` for an app that is not a Space.
   */
  diagnose: ((error: unknown) => Promise<unknown>) | null;
  /** Signs the addresses of a private Space's files; `null` for any other app. */
  signature: Signature | null;
}

/** Dependencies of locating an app. */
export interface LocateContext {
  /** Settings of all requests, to the app and to the Hub. */
  settings: Omit<HttpSettings, "base">;
  /** Address of the Hub. */
  hub: URL;
  /** Called with the app's address before the first request to it. */
  onAddress: ((base: URL) => void) | undefined;
  /** Logs a problem that does not stop the client. */
  warn: (message: string) => void;
}

/** Logs in at an address, where a login was given, and loads the app that is there. */
export type LoadApp = (
  base: URL,
  signal: AbortSignal | undefined,
  options: Pick<FindOptions, "ahead" | "repeat">,
) => Promise<App>;

/** Default of the option `spaceTimeout`, in milliseconds. */
const SPACE_TIMEOUT = 300_000;

/** Longest time for a request for a signature, in milliseconds: files can be downloaded without one. */
const SIGNATURE_TIMEOUT = 5_000;

/** Locates the app of a Space: asks the Hub for its address, and wakes the Space where it sleeps. */
export async function locateSpace(
  reference: AppReference,
  options: ConnectOptions,
  { settings, hub: hubUrl, onAddress, warn }: LocateContext,
  load: LoadApp,
): Promise<LocatedApp> {
  const { signal, token } = options;
  const hub = hubHttp(settings, hubUrl);
  const base = "url" in reference ? reference.url : await findSpace(hub, reference.space, signal);
  const name = "url" in reference ? { subdomain: reference.url.hostname.replace(/\.hf\.space$/, "") } : reference;
  onAddress?.(base);
  // A private Space can be read with a token only.
  const signing = token === undefined ? null : openSignature(hub, name, base.origin, warn);
  const app = await wake(hub, name, options, (given, how) => load(base, given, how));
  return { app, diagnose: diagnosis(hub, name), signature: await signing };
}

/** Loads the app of a Space as soon as the Space runs. */
async function wake(
  hub: Http,
  name: SpaceName,
  { signal, spaceTimeout = SPACE_TIMEOUT, onSpaceStatus }: ConnectOptions,
  load: (signal: AbortSignal | undefined, options: Pick<FindOptions, "ahead" | "repeat">) => Promise<App>,
): Promise<App> {
  try {
    return await load(signal, { repeat: false });
  } catch (error) {
    signal?.throwIfAborted();
    return await untilAwake(error, (given) => load(given, { repeat: false, ahead: false }), {
      look: (given) => readSpace(hub, name, { signal: given }),
      timeout: spaceTimeout,
      signal,
      onStatus: onSpaceStatus && ((status) => callListener(onSpaceStatus, status)),
    });
  }
}

/** Returns a function that asks the Hub for the state of a Space whose host refused a call. */
function diagnosis(hub: Http, name: SpaceName): (error: unknown) => Promise<unknown> {
  return async (error) =>
    isRefusal(error) ? await diagnoseSpace(error, () => readSpace(hub, name, { signal: undefined })) : error;
}

/** Whether a server answered that may not be the app; `false` for a connection that broke. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError || (error instanceof ConnectionError && error.status !== undefined);
}

async function openSignature(
  hub: Http,
  name: SpaceName,
  origin: string,
  warn: (message: string) => void,
): Promise<Signature | null> {
  const { closed, timeout, retry } = hub.settings;
  const brief = {
    timeout: Math.min(timeout, SIGNATURE_TIMEOUT),
    retry: { ...retry, limit: Math.min(retry.limit, 1) },
  };
  return await Signature.open({ hub: new Http({ ...hub.settings, ...brief }), name, origin, closed, warn });
}
