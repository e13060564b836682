import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServedPage } from "../../demo/page.ts";

/** Files of the page: their path, their place in this repository, and their type. */
const files: Record<string, { file: URL; type: string }> = {
  "/": { file: new URL("index.html", import.meta.url), type: "text/html" },
  "/gradio-rx.min.js": {
    file: new URL("../../packages/web/dist/gradio-rx.min.js", import.meta.url),
    type: "text/javascript",
  },
};

/**
 * Serves the page as it is, and the built file of `@gradio-rx/web` beside it.
 *
 * @param app - URL of the app that the page calls.
 */
export async function serve(app: string): Promise<ServedPage> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const found = Object.hasOwn(files, pathname) ? files[pathname] : undefined;
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    readFile(found.file).then(
      (content) => response.writeHead(200, { "content-type": found.type }).end(content),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/?app=${encodeURIComponent(app)}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
