import { ConnectionError, type ConnectOptions, InputError, SpaceError, type SpaceStatus } from "@gradio-rx/core";

/** Default time in which a Space behind a proxy has to wake, in milliseconds. */
const SPACE_TIMEOUT = 300_000;

/** Milliseconds between two requests for the status of a Space, where the proxy asks for no delay. */
const POLL_INTERVAL = 2_000;

/**
 * Returns the address of an app behind a proxy.
 *
 * @param app - the app's name in the proxy's list.
 * @param proxy - address that the proxy is mounted at; it may be relative to the page.
 * @throws InputError beside `token` or `auth`, which the proxy keeps, and for an app that is given by its address.
 */
export function proxiedUrl(app: string | URL, proxy: string, { token, auth }: ConnectOptions): string {
  if (token !== undefined || auth !== undefined) {
    const parameter = token === undefined ? "auth" : "token";
    throw new InputError(`The option "proxy" cannot be combined with "${parameter}": set it in the proxy.`, {
      parameter,
    });
  }
  if (typeof app !== "string" || !/^[\w.-]+(\/[\w.-]+)*$/.test(app))
    throw new InputError(
      `With the option "proxy", pass the name of the app in the proxy's list, not ${JSON.stringify(String(app))}.`,
    );
  const mounted = `${proxy.replace(/\/+$/, "")}/${app}/`;
  const page = typeof location === "undefined" ? undefined : location.href;
  if (!URL.canParse(mounted, page))
    throw new InputError(
      `The proxy ${JSON.stringify(proxy)} is a relative URL, and there is no page to resolve it. Pass an absolute URL.`,
      {
        parameter: "proxy",
      },
    );
  return new URL(mounted, page).href;
}

/**
 * Connects through a proxy, and waits while the Space behind it wakes.
 *
 * @param connect - connects once.
 * @throws SpaceError where the Space does not wake in time; the errors of `connect`.
 */
export async function whenAwake<T>(url: string, options: ConnectOptions, connect: () => Promise<T>): Promise<T> {
  const { spaceTimeout = SPACE_TIMEOUT, signal, onSpaceStatus } = options;
  const deadline = performance.now() + spaceTimeout;
  let last = "";
  for (;;) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.status !== 503) throw error;
      const { space, delay, isAwake } = await lookAt(url, options);
      if (isAwake) return await connect();
      if (!space) throw error;
      if (space.message !== last) onSpaceStatus?.(space);
      last = space.message;
      if (performance.now() + delay > deadline)
        throw new SpaceError(`The Space ${space.spaceId} did not wake within ${spaceTimeout} ms.`, {
          stage: space.stage,
          cause: error,
        });
      await pause(delay, signal);
    }
  }
}

/** Returns the status of the Space behind a proxy, and the delay that the proxy asks for. */
async function lookAt(
  url: string,
  { fetch: given, signal }: ConnectOptions,
): Promise<{ space: SpaceStatus | null; delay: number; isAwake: boolean }> {
  const request = new Request(new URL("config", url), signal ? { signal } : {});
  const answer = await (given ? given(request) : fetch(request));
  const delay = Number(answer.headers.get("retry-after") ?? Number.NaN) * 1_000;
  const body: unknown = await answer.json().catch(() => null);
  const space: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "space") : null;
  return {
    space: isSpaceStatus(space) ? space : null,
    delay: Number.isFinite(delay) ? delay : POLL_INTERVAL,
    isAwake: answer.ok,
  };
}

function isSpaceStatus(value: unknown): value is SpaceStatus {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "message") === "string";
}

function pause(delay: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delay);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
