import { ConnectionError, ProtocolError } from "../errors.ts";
import { Http } from "../http/request.ts";
import type { ConnectOptions } from "../options.ts";
import { guarded } from "../timers.ts";
import { type App, findApp, type FindOptions } from "./app.ts";
import { type AppReference, isSpaceHost } from "./reference.ts";
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

/** How requests get to an app, and to the Hub. */
export interface Ways {
  /** Sends requests to an address. */
  at: (base: URL) => Http;
  /** Sends requests to the Hub: with the token, and nothing else of the caller's. */
  hub: Http;
  /** Told the app's address before the first request goes there. */
  onAddress: ((base: URL) => void) | undefined;
  /** Told, in a sentence, of what is wrong and does not matter. */
  warn: (sentence: string) => void;
}

const SPACE_TIMEOUT = 300_000;

/** Reaches an app from what names it: finds its address, logs in, reads its configuration; a Space that sleeps is woken. */
export async function reach(reference: AppReference, options: ConnectOptions, ways: Ways): Promise<Reached> {
  const { at, hub, onAddress, warn } = ways;
  const { signal, token, auth, page, deepLink } = options;
  const base = "url" in reference ? reference.url : await spaceAddress(hub, reference.space, signal);
  const name = spaceName(reference);
  onAddress?.(base);
  // Only who has a token can be in a private Space.
  const signing = name && token !== undefined ? openSignature(hub, name, base.origin, warn) : null;
  const find = async (given: AbortSignal | undefined, how: Pick<FindOptions, "ahead" | "repeat">): Promise<App> => {
    if (auth !== undefined) {
      const { login } = await import("./login.ts");
      await login(at(base), auth, { signal: given, repeat: how.repeat ?? true });
    }
    return await findApp(base, at, { query: { page, deep_link: deepLink }, signal: given, ...how });
  };
  const app = name ? await wake(hub, name, options, find) : await find(signal, {});
  return { app, explain: name && explainer(hub, name), signature: await signing };
}

/** What the Hub knows an app by; `null` for one that is no Space. */
function spaceName(reference: AppReference): SpaceName | null {
  if ("space" in reference) return reference;
  return isSpaceHost(reference.url) ? { subdomain: reference.url.hostname.replace(/\.hf\.space$/, "") } : null;
}

/** Where a Space is. What asks the Hub is loaded when it has to be asked: most apps are named by their address. */
async function spaceAddress(hub: Http, space: string, signal: AbortSignal | undefined): Promise<URL> {
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
    const { untilAwake } = await import("./wake.ts");
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
    const { behind } = await import("./wake.ts");
    return await behind(error, () => record(hub, name, undefined));
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
