import { fileURLToPath } from "node:url";
import type { Page, Route } from "playwright";
import { build } from "vite";
import { exchangeClient, hasClient } from "./exchange.ts";

/** Counts of the client in a page. */
export interface Counts {
  clients: number;
  /** Endpoints that were submitted. */
  submitted: (string | number)[];
}

/** Path of the exchanged module at the app. */
const MODULE = "/gradio-rx-compat.js";

/** The exports of the package, with a client that counts what the page does with it. */
const entry = `
export * from "@gradio-rx/compat";
import { Client as Compat } from "@gradio-rx/compat";
const counts = (globalThis.gradioRx = { clients: 0, submitted: [] });
export class Client extends Compat {
  constructor(...given) {
    super(...given);
    counts.clients += 1;
  }
  submit(...given) {
    counts.submitted.push(given[0]);
    return super.submit(...given);
  }
}
`;

/** Bundles the package for pages. */
export async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("../../../../packages/compat", import.meta.url)),
    resolve: { conditions: ["@gradio-rx/source", "browser", "import"] },
    plugins: [
      {
        name: "entry",
        enforce: "pre",
        resolveId: (id) =>
          id === "@gradio-rx/compat"
            ? fileURLToPath(new URL("../../../../packages/compat/src/index.ts", import.meta.url))
            : id === "entry"
              ? "\0entry.js"
              : null,
        load: (id) => (id === "\0entry.js" ? entry : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      rollupOptions: {
        input: "entry",
        preserveEntrySignatures: "strict",
        output: { format: "es", codeSplitting: false },
      },
    },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as { output: { code?: string }[] };
  return output[0]?.code ?? "";
}

/**
 * Lets a page of Gradio load the given module in place of its own client.
 *
 * @returns the names that were exchanged, as the chunks are loaded.
 */
export async function exchange(page: Page, code: string): Promise<Set<string>> {
  const exchanged = new Set<string>();
  await page.route(`**${MODULE}`, (route) => route.fulfill({ contentType: "text/javascript", body: code }));
  await page.route(/\/assets\/index-[^/]*\.js$/i, async (route: Route) => {
    const response = await route.fetch();
    const chunk = await response.text();
    if (!hasClient(chunk)) return await route.fulfill({ response, body: chunk });
    const { code: changed, names } = exchangeClient(chunk, MODULE);
    for (const name of names) exchanged.add(name);
    return await route.fulfill({ response, body: changed });
  });
  return exchanged;
}
