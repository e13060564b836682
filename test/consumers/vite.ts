import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { type Ended, environment, node } from "./run.ts";

/** A page built by `vite build`. */
export interface Built {
  /** Warnings of Vite; other output is ignored. */
  ended: Ended;
  /** Bytes of JavaScript that a visitor's browser loads. */
  bytes: number;
  /** Source files of the bundle, according to its source maps. */
  sources: string[];
  dir: string;
}

/** Builds one of the pages as a user does. */
export async function build(project: string, page: string): Promise<Built> {
  const cwd = join(project, "pages", page);
  const vite = join(project, "node_modules", "vite", "bin", "vite.js");
  const ended = await node(vite, ["build", "--logLevel", "warn", "--sourcemap"], { cwd });
  const dir = join(cwd, "dist");
  const files = existsSync(dir) ? readdirSync(dir, { recursive: true, encoding: "utf8" }) : [];
  const scripts = files.filter((file) => file.endsWith(".js"));
  const maps = files.filter((file) => file.endsWith(".js.map"));
  const html = files.includes("index.html") ? readFileSync(join(dir, "index.html"), "utf8") : "";
  // Counts the page's script and its static imports. Files for `import()` are beside them and may not be loaded.
  const first = scripts.filter((file) => html.includes(basename(file)));
  return {
    ended,
    dir,
    bytes: first.reduce((sum, file) => sum + statSync(join(dir, file)).size, 0),
    sources: maps.flatMap((file) => sourcesOf(join(dir, file))),
  };
}

/** Returns the sources that a source map names, relative to it. */
export function sourcesOf(map: string): string[] {
  const { sources }: { sources: string[] } = JSON.parse(readFileSync(map, "utf8"));
  return sources;
}

/** Vite's development server for one of the pages. */
export interface Developing extends AsyncDisposable {
  url: string;
  /** Warnings of Vite so far. */
  complaints: () => string;
}

/** Starts the development server as a user does. */
export async function develop(project: string, page: string): Promise<Developing> {
  const vite = join(project, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "dev", "--host", "127.0.0.1", "--port", "0", "--force"];
  const cwd = join(project, "pages", page);
  const child = spawn(process.execPath, args, { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  const patience = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", (code) => reject(new Error(`Vite's server ended with ${String(code)}: ${said}${complaints}`)));
  });
  clearTimeout(patience);
  return {
    url,
    complaints: () => complaints,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

const types: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Serves a built page on 127.0.0.1, on an origin of its own. */
export async function serve(dir: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://page");
    const file = join(dir, pathname === "/" ? "index.html" : pathname);
    if (!existsSync(file)) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain" }).end(readFileSync(file));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server of the page got no port.");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
