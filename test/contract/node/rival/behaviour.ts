import type * as compat from "@gradio-rx/compat";
import { onTestFinished } from "vitest";
import { appUrl } from "../../place.ts";

/** The part of both packages that the scripts use. */
export type Library = typeof compat;

/** A behaviour that differs between both packages. */
export interface Behaviour {
  /** Situation, as the table names it. */
  situation: string;
  /** Returns what a package does in the situation, in words. */
  script: (library: Library) => Promise<string>;
  /** What this package does. */
  ours: string;
  /** What `@gradio/client` does. */
  theirs: string;
}

/** Time after which a script of `@gradio/client` counts as one that does not end, in milliseconds. Those that end need a fraction. */
const PATIENCE = 4_000;
/** The same for this package, whose scripts all end. */
const OWN_PATIENCE = 60_000;

/** Whether a package is `@gradio/client`. */
export function isRival({ Client }: Library): boolean {
  return "open_stream" in new Client("http://127.0.0.1:1");
}

/** Resolves with the text of a script, or with its error; with "does not end" where it has not ended. */
export async function within(library: Library, script: Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = isRival(library) ? PATIENCE : OWN_PATIENCE;
  const late = new Promise<string>((resolve) => (timer = setTimeout(resolve, limit, "does not end")));
  const failed = script.catch((error: unknown) => `throws "${error instanceof Error ? error.message : String(error)}"`);
  const first = await Promise.race([failed, late]);
  clearTimeout(timer);
  return first;
}

type Options = Parameters<typeof compat.Client.connect>[1];

/** Connects to an app of this run; the client is closed when the test ends. */
export async function connect({ Client }: Library, options?: Options, name?: string): Promise<compat.Client> {
  return await connectTo({ Client } as Library, await appUrl(name), options);
}

/** Connects to an app; the client is closed when the test ends. */
export async function connectTo({ Client }: Library, url: string, options?: Options): Promise<compat.Client> {
  const client = await Client.connect(url, options);
  onTestFinished(() => client.close());
  return client;
}
