import type { JoinTarget } from "@gradio-rx/core/platform";

const PUBLIC_HUB = "https://huggingface.co";
/** Messages between the page and its parent (PROTOCOL.md, 1.8). */
const HELLO = "supports-zerogpu-headers";
const REQUEST = "zerogpu-headers";
/** Maximum wait for the parent, in milliseconds. */
const PARENT_TIMEOUT = 2_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Returns a function that asks the Hub's page around this one for the headers by which a ZeroGPU Space charges its visitor;
 * `undefined` where there is no such page. It is for pages in a frame only.
 *
 * With a Hub of the caller's own, every page in a frame sends this request, because the hosts of its Spaces are unknown. It is sent only
 * to a parent on the origin of the Hub.
 */
export function zeroGpuHeaders({ hub, isSpace, closed }: JoinTarget): (() => Promise<Headers>) | undefined {
  const { origin } = hub;
  const isSpacePage = isSpace && location.hostname.endsWith(".hf.space");
  if (origin === PUBLIC_HUB && !isSpacePage) return undefined;
  // If the browser reveals the parent's origin, and it is not that of the Hub, no request is sent.
  const parentOrigin = location.ancestorOrigins?.[0];
  if (parentOrigin !== undefined && parentOrigin !== origin) return undefined;
  const { parent } = window;
  const supported = askForSupport(parent, origin, closed);
  return async () => ((await supported) ? await requestHeaders(parent, origin, closed) : {});
}

/** Asks whether the parent provides such headers. */
function askForSupport(parent: Window, origin: string, closed: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const end = (supported: boolean): void => {
      clearTimeout(timer);
      listening.abort();
      closed.removeEventListener("abort", giveUp);
      resolve(supported);
    };
    const giveUp = (): void => end(false);
    const timer = setTimeout(giveUp, PARENT_TIMEOUT);
    closed.addEventListener("abort", giveUp);
    const onMessage = ({ origin: from, data }: MessageEvent): void => {
      if (from === origin && data === HELLO) end(true);
    };
    addEventListener("message", onMessage, { signal: listening.signal });
    parent.postMessage(HELLO, origin);
  });
}

/** Requests the headers of one call; resolves with none where the parent does not answer in time. */
function requestHeaders(parent: Window, origin: string, closed: AbortSignal): Promise<Headers> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (headers: Headers): void => {
      clearTimeout(timer);
      closed.removeEventListener("abort", giveUp);
      port1.close();
      resolve(headers);
    };
    const giveUp = (): void => end({});
    const timer = setTimeout(giveUp, PARENT_TIMEOUT);
    closed.addEventListener("abort", giveUp);
    port1.onmessage = ({ data }: MessageEvent) => end(allowedHeaders(data));
    parent.postMessage(REQUEST, origin, [port2]);
  });
}

/** Returns the headers `x-…` with valid values: the parent may set no others. */
function allowedHeaders(given: unknown): Headers {
  if (typeof given !== "object" || given === null) return {};
  const pairs = Object.entries(given).filter(
    (pair): pair is [string, string] => /^x-[\w-]+$/i.test(pair[0]) && isHeaderValue(pair[1]),
  );
  return Object.fromEntries(pairs);
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value);
}
