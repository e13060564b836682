/** What page and parent say to each other (PROTOCOL.md, 1.8). */
const HELLO = "supports-zerogpu-headers";
const ASK = "zerogpu-headers";
/** How long the parent is waited for, in milliseconds. */
const PATIENCE = 2_000;

type Headers = Readonly<Record<string, string>>;

/** Whether the parent gives such headers. */
export function greet(parent: Window, origin: string, closed: AbortSignal): Promise<boolean> {
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
export function ask(parent: Window, origin: string, closed: AbortSignal): Promise<Headers> {
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
