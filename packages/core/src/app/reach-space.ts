import { ConnectionError, ProtocolError } from "../errors.ts";
import { Http, type HttpSettings } from "../http/request.ts";
import type { ConnectOptions } from "../options.ts";
import { guarded } from "../timers.ts";
import type { App, FindOptions } from "./app.ts";
import type { AppReference } from "./address.ts";
import type { Signature } from "./signature.ts";
import type { SpaceName, SpaceRecord } from "./space.ts";

/** An app that was reached. */
export interface Reached {
  app: App;
  /** Makes of a call's error what is behind it, where the Space no longer runs; `null` for an app that is no Space. */
  explain: ((error: unknown) => Promise<unknown>) | null;
  /** Signs addresses of a private Space's files; `null` where the app is none. */
  signature: Signature | null;
}

/** What it takes to get to an app, and to the Hub. */
export interface Ways {
  /** What all requests have in common. */
  settings: Omit<HttpSettings, "base">;
  /** The Hub's address. */
  hub: URL;
  /** Told the app's address before the first request goes there. */
  onAddress: ((base: URL) => void) | undefined;
  /** Told, in a sentence, of what is wrong and does not matter. */
  warn: (sentence: string) => void;
}

/** Logs in at an address, where a login was given, and reads what the app there is. */
export type Find = (
  base: URL,
  signal: AbortSignal | undefined,
  how: Pick<FindOptions, "ahead" | "repeat">,
) => Promise<App>;

const SPACE_TIMEOUT = 300_000;

/** Sends requests to the Hub: it gets the token alone, as the caller's headers are for the app. */
export function hubHttp(settings: Omit<HttpSettings, "base">, base: URL): Http {
  const { token } = settings.credentials;
  return new Http({ ...settings, base, credentials: { token } });
}

/** Reaches the app of a Space: finds its address, and wakes it where it sleeps. */
export async function reachSpace(
  reference: AppReference,
  options: ConnectOptions,
  { settings, hub: hubUrl, onAddress, warn }: Ways,
  find: Find,
): Promise<Reached> {
  const { signal, token } = options;
  const hub = hubHttp(settings, hubUrl);
  const base = "url" in reference ? reference.url : await address(hub, reference.space, signal);
  const name = "url" in reference ? { subdomain: reference.url.hostname.replace(/\.hf\.space$/, "") } : reference;
  onAddress?.(base);
  // Only who has a token can be in a private Space.
  const signing = token === undefined ? null : openSignature(hub, name, base.origin, warn);
  const app = await wake(hub, name, options, (given, how) => find(base, given, how));
  return { app, explain: explainer(hub, name), signature: await signing };
}

/** Where a Space is. What asks the Hub is loaded when it has to be asked: an address that is known will do. */
async function address(hub: Http, space: string, signal: AbortSignal | undefined): Promise<URL> {
  const { findSpace } = await import("./space.ts");
  return await findSpace(hub, space, signal);
}

/** How a Space does. */
async function record(hub: Http, name: SpaceName, signal: AbortSignal | undefined): Promise<SpaceRecord> {
  const { readSpace } = await import("./space.ts");
  return await readSpace(hub, name, { signal });
}

/** Finds the app of a Space, when it runs. */
async function wake(
  hub: Http,
  name: SpaceName,
  { signal, spaceTimeout = SPACE_TIMEOUT, onSpaceStatus }: ConnectOptions,
  find: (signal: AbortSignal | undefined, how: Pick<FindOptions, "ahead" | "repeat">) => Promise<App>,
): Promise<App> {
  try {
    return await find(signal, { repeat: false });
  } catch (error) {
    signal?.throwIfAborted();
    // What does not load now fails as the app did: it may be the network.
    const { untilAwake } = await import("./wake.ts").catch(() => Promise.reject(error));
    return await untilAwake(error, (given) => find(given, { repeat: false, ahead: false }), {
      look: (given) => record(hub, name, given),
      patience: spaceTimeout,
      signal,
      onStatus: onSpaceStatus && ((status) => guarded(onSpaceStatus, status)),
    });
  }
}

/** Asks the Hub after a Space whose host refused a call. */
function explainer(hub: Http, name: SpaceName): (error: unknown) => Promise<unknown> {
  return async (error) => {
    if (!isRefusal(error)) return error;
    try {
      const { behind } = await import("./wake.ts");
      return await behind(error, () => record(hub, name, undefined));
    } catch {
      // It did not load.
      return error;
    }
  };
}

/** Whether something answered that may be no app: not a connection that broke. */
function isRefusal(error: unknown): boolean {
  return error instanceof ProtocolError || (error instanceof ConnectionError && error.status !== undefined);
}

async function openSignature(
  hub: Http,
  name: SpaceName,
  origin: string,
  warn: (sentence: string) => void,
): Promise<Signature | null> {
  const { closed, timeout, retry } = hub.settings;
  const { Signature: Sign } = await import("./signature.ts");
  // Files can be had without: neither connecting nor a call waits long for it.
  const brief = { timeout: Math.min(timeout, 5_000), retry: { ...retry, limit: Math.min(retry.limit, 1) } };
  return await Sign.open({ hub: new Http({ ...hub.settings, ...brief }), name, origin, closed, warn });
}
