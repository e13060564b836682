import {
  connect,
  type Connection,
  duplicate,
  type DuplicateOptions,
  Engine,
  fetchTransport,
  type Platform,
} from "@gradio-rx/core/platform";
import { claimName } from "./claim-name.ts";
import { checks, type WebConnectOptions } from "./client.ts";
import type { EarlyRequests } from "./early.ts";
import { proxiedUrl, whenAwake } from "./proxied.ts";
import { webTransport } from "./transport.ts";
import { zeroGpuHeaders } from "./zero-gpu.ts";

// The part of the package that a page loads when it connects.

/** Connects to an app. */
export async function connectPage(
  app: string | URL,
  options: WebConnectOptions,
  early: EarlyRequests | null,
): Promise<Engine> {
  return new Engine(await openPage(app, options, early));
}

/** Opens the connection of a client. */
export async function openPage(
  app: string | URL,
  options: WebConnectOptions,
  early: EarlyRequests | null,
): Promise<Connection> {
  const { proxy, ...rest } = { ...options };
  if (proxy === undefined) return await connect(app, options, platform(rest, early), checks);
  const url = proxiedUrl(app, proxy, rest);
  return await whenAwake(url, rest, () => connect(url, rest, platform(rest, null), checks));
}

/** Copies a Space, and connects to the copy. */
export async function duplicateSpace(spaceId: string, options: WebConnectOptions & DuplicateOptions): Promise<Engine> {
  return new Engine(await duplicate(spaceId, options, platform({ ...options }, null), checks));
}

function platform({ fetch, auth, credentials }: WebConnectOptions, early: EarlyRequests | null): Platform {
  // A login is a cookie, which pages of other origins receive and send only when they ask for it.
  const mode = credentials ?? (auth === undefined ? undefined : "include");
  const own = webTransport({ credentials: mode, early });
  const transport = fetch ? { ...own, ...fetchTransport((request) => fetch(request)) } : own;
  return { transport, joinHeaders, claimName };
}

/** Asks the page of the Hub around this one, where the page is in a frame. */
const joinHeaders: Platform["joinHeaders"] = (app) =>
  typeof window === "undefined" || window.parent === window ? undefined : zeroGpuHeaders(app);
