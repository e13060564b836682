import { fileURLToPath } from "node:url";
import { preview } from "vite";
import type { ServedPage } from "../../demo/page.ts";
import { type Command, runCommand, startServer } from "../command.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

/**
 * Serves the page with the development server of Angular.
 *
 * @param app - URL of the app that the page calls.
 */
export async function serve(app: string): Promise<ServedPage> {
  const server = await startServer(angular("serve", "--host", "127.0.0.1", "--port", "0"), /Local:\s+(http:\S+)/);
  return { ...server, url: withApp(server.url, app) };
}

/** Makes the production build. It does not depend on the app, whose address is in the address of the page. */
export function build(): Promise<void> {
  return runCommand(angular("build"));
}

/** Serves the production build that {@link build} has written. */
export async function serveBuild(app: string): Promise<ServedPage> {
  const server = await preview({
    root: folder,
    configFile: false,
    preview: { host: "127.0.0.1", port: 0 },
    logLevel: "warn",
  });
  const [url] = server.resolvedUrls?.local ?? [];
  if (url === undefined) throw new Error("Vite opened no port for the build.");
  return { url: withApp(url, app), stop: () => server.close() };
}

function withApp(page: string, app: string): string {
  const url = new URL(page);
  url.searchParams.set("app", app);
  return url.href;
}

function angular(...args: readonly string[]): Command {
  const program = fileURLToPath(new URL("node_modules/@angular/cli/bin/ng.js", import.meta.url));
  return { program, args, cwd: folder, env: { NG_CLI_ANALYTICS: "false" } };
}
