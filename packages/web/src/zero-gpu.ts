import type { JoinTarget } from "@gradio-rx/core";

const HUB = "https://huggingface.co";

type Headers = Readonly<Record<string, string>>;

/**
 * Asks the Hub's page, where the app's page is shown inside of it, for the headers by which a ZeroGPU Space charges its
 * visitor. `undefined` where there is nobody to ask: outside of a frame, or on a host that is no Space's.
 *
 * With a Hub of one's own any page in a frame asks: what the hosts of its Spaces are called, only that Hub knows. The
 * question reaches nobody but a parent on the Hub's origin.
 */
export function zeroGpuHeaders({ hub, isSpace, closed }: JoinTarget): (() => Promise<Headers>) | undefined {
  if (typeof window === "undefined" || window.parent === window) return undefined;
  const { origin } = hub;
  const atHome = isSpace && location.hostname.endsWith(".hf.space");
  if (origin === HUB && !atHome) return undefined;
  // Where the browser says who is around, nobody has to be waited for who is not.
  const around = location.ancestorOrigins?.[0];
  if (around !== undefined && around !== origin) return undefined;
  const { parent } = window;
  const asking = import("./parent.ts").then(
    async ({ greet, ask }) => ((await greet(parent, origin, closed)) ? ask : null),
    () => null,
  );
  return async () => (await (await asking)?.(parent, origin, closed)) ?? {};
}
