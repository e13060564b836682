import type { JoinTarget } from "@gradio-rx/core/platform";

const HUB = "https://huggingface.co";
/** What page and parent say to each other (PROTOCOL.md, 1.8). */
const HELLO = "supports-zerogpu-headers";
const ASK = "zerogpu-headers";
/** How long the parent is waited for, in milliseconds. */
const PATIENCE = 2_000;

type Headers = Readonly<Record<string, string>>;

/**
 * Asks the Hub's page, where the app's page is shown inside of it, for the headers by which a ZeroGPU Space charges its
 * visitor. `undefined` where there is nobody to ask, as on a host that is no Space's. For pages in a frame alone.
 *
 * With a Hub of one's own any page in a frame asks: what the hosts of its Spaces are called, only that Hub knows. The
 * question reaches nobody but a parent on the Hub's origin.
 */
export function zeroGpuHeaders({ hub, isSpace, closed }: JoinTarget): (() => Promise<Headers>) | undefined {
  const { origin } = hub;
  const atHome = isSpace && location.hostname.endsWith(".hf.space");
  if (origin === HUB && !atHome) return undefined;
  // Where the browser says who is around, nobody has to be waited for who is not.
  const around = location.ancestorOrigins?.[0];
  if (around !== undefined && around !== origin) return undefined;
  const { parent } = window;
  const supported = greet(parent, origin, closed);
  return async () => ((await supported) ? await ask(parent, origin, closed) : {});
}

/** Whether the parent gives such headers. */
function greet(parent: Window, origin: string, closed: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const listen = new AbortController();
    const end = (supported: boolean): void => {
      clearTimeout(timer);
      listen.abort();
      closed.removeEventListener("abort", giveUp);
      resolve(supported);
    };
    const giveUp = (): void => end(false);
    const timer = setTimeout(giveUp, PATIENCE);
    closed.addEventListener("abort", giveUp);
    const hear = ({ origin: from, data }: MessageEvent): void => {
      if (from === origin && data === HELLO) end(true);
    };
    addEventListener("message", hear, { signal: listen.signal });
    parent.postMessage(HELLO, origin);
  });
}

/** The headers for one call; none where the parent gives none in time. */
function ask(parent: Window, origin: string, closed: AbortSignal): Promise<Headers> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const end = (headers: Headers): void => {
      clearTimeout(timer);
      closed.removeEventListener("abort", giveUp);
      port1.close();
      resolve(headers);
    };
    const giveUp = (): void => end({});
    const timer = setTimeout(giveUp, PATIENCE);
    closed.addEventListener("abort", giveUp);
    port1.onmessage = ({ data }: MessageEvent) => end(accepted(data));
    parent.postMessage(ASK, origin, [port2]);
  });
}

/** Only `x-…`: whatever the parent says, it sets none of the headers that HTTP or the app live by. */
function accepted(given: unknown): Headers {
  if (typeof given !== "object" || given === null) return {};
  const pairs = Object.entries(given).filter(
    (pair): pair is [string, string] => /^x-[\w-]+$/i.test(pair[0]) && isHeaderValue(pair[1]),
  );
  return Object.fromEntries(pairs);
}

function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && /^[\t\x20-\x7e]*$/.test(value);
}
