import { fileURLToPath } from "node:url";
import { basename } from "node:path";
import { createServer, defaultClientConditions } from "vite";

/** A page that is served on 127.0.0.1. */
export interface ServedPage {
  url: string;
  stop(): Promise<void>;
}

const cache = fileURLToPath(new URL("../.cache/vite/pages/", import.meta.url));

/**
 * Serves a page with Vite. The page reads the address of the app from `import.meta.env.VITE_GRADIO_APP`.
 *
 * @param folder - folder of the page, which contains its `index.html`.
 * @param app - URL of the app that the page calls.
 * @param more - further texts for the page, by their names in `import.meta.env`.
 */
export async function servePage(
  folder: URL,
  app: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ServedPage> {
  const texts = Object.entries({ VITE_GRADIO_APP: app, ...more });
  const root = fileURLToPath(folder);
  const server = await createServer({
    root,
    cacheDir: `${cache}${basename(root)}`,
    define: Object.fromEntries(texts.map(([name, text]) => [`import.meta.env.${name}`, JSON.stringify(text)])),
    // The sources of the packages, so that a change of them is shown at once.
    resolve: { conditions: ["@gradio-rx/source", ...defaultClientConditions] },
    server: { host: "127.0.0.1", port: 0 },
    logLevel: "warn",
    clearScreen: false,
  });
  await server.listen();
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error(`Vite opened no port for ${root}.`);
  return { url, stop: () => server.close() };
}
