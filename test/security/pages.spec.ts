import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { build } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { file, gave, hostileApp, listen, otherServer, type Seen, type Trick } from "./hostile.ts";

const cors = ({ headers }: Seen): [name: string, value: string][] => [
  ["access-control-allow-origin", headers.origin ?? "*"],
  ["access-control-allow-credentials", "true"],
  ["access-control-allow-headers", String(headers["access-control-request-headers"] ?? "x")],
];

/** Permits requests of other origins, with cookies, and answers those that ask for permission. */
const permits: Trick = (request, response) => {
  for (const [name, value] of cors(request)) response.setHeader(name, value);
  return request.method === "OPTIONS" && (response.end(), true);
};

/** Bundles a program for a page, with the sources of the web package. */
async function bundle(program: string): Promise<string> {
  const entry = "\0program.js";
  const web = fileURLToPath(new URL("../../packages/web/src/index.ts", import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL("../../packages/web", import.meta.url)),
    resolve: { conditions: ["@gradio-rx/source", "browser", "import"] },
    plugins: [
      {
        name: "program",
        enforce: "pre",
        resolveId: (id) => (id === "program" ? entry : id === "web" ? web : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
    build: {
      write: false,
      target: "es2022",
      rollupOptions: { input: "program", output: { format: "es", codeSplitting: false } },
    },
  });
  const { output } = (Array.isArray(built) ? built[0] : built) as { output: { code?: string }[] };
  return output[0]?.code ?? "";
}

/** Runs a program in a page; the names `*.site.test` lead to this machine. Returns what the program reports. */
async function run(program: string): Promise<string[]> {
  const script = await bundle(program);
  const server = createServer(({ url }, response) => {
    response.setHeader("content-type", url === "/page.js" ? "text/javascript" : "text/html");
    response.end(url === "/page.js" ? script : "<!doctype html><title>page</title>");
  });
  const { port } = new URL(await listen(server));
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.site.test 127.0.0.1"],
  });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`http://front.site.test:${port}/`);
  await page.addScriptTag({ url: "/page.js", type: "module" });
  await page.waitForFunction("globalThis.reports !== undefined", undefined, { timeout: 60_000 });
  return await page.evaluate<string[]>("globalThis.reports");
}

test("a page sends no cookies to other origins, and nothing through a redirect of an upload", async () => {
  const other = await otherServer((request, response) => {
    if (request.url === "/login") response.setHeader("set-cookie", "login=COOKIE-OF-ANOTHER-HOST");
    return permits(request, response);
  });
  const elsewhere = other.url.replace("127.0.0.1", "intra.site.test");
  const app = await hostileApp({
    messages: [gave(file(`${elsewhere}/by-path`))],
    trick: (request, response) => {
      if (permits(request, response)) return true;
      if (!request.url.endsWith("/upload")) return false;
      response.writeHead(307, { location: `${elsewhere}/by-upload` }).end();
      return true;
    },
  });
  const moved = await hostileApp({
    trick: (request, response) => {
      if (permits(request, response)) return true;
      if (request.url !== "/config") return false;
      response.writeHead(302, { location: `${elsewhere}/by-redirect` }).end();
      return true;
    },
  });
  const at = (url: string): string => JSON.stringify(url.replace("127.0.0.1", "app.site.test"));
  const reports = await run(`
    import { Client } from "web";
    const reports = [];
    const report = (promise) => promise.then(() => reports.push("done"), (error) => reports.push(error.name));
    await fetch(${JSON.stringify(`${elsewhere}/login`)}, { credentials: "include" });
    const include = { credentials: "include", retry: { limit: 0 } };
    const one = await Client.connect(${at(app.url)}, include);
    await report(one.predict("/show").then((shown) => one.download(shown)));
    await report(Client.connect(${at(moved.url)}, include));
    await report(Client.connect("owner/name", { ...include, hubUrl: ${JSON.stringify(elsewhere)}, token: "hf_THETOKENTHETOKEN" }));
    const two = await Client.connect(${at(app.url)}, { token: "hf_THETOKENTHETOKEN", headers: { "x-api-key": "THEKEY" } });
    await report(two.predict("/take", [new Blob(["THEBYTES"])]));
    globalThis.reports = reports;
  `);
  expect(reports).toEqual(["done", "ProtocolError", "ProtocolError", "UploadError"]);
  const asked = other.seen.filter(({ method, url }) => method !== "OPTIONS" && url !== "/login");
  expect(asked.map(({ url }) => url)).toEqual(expect.arrayContaining(["/by-path", "/by-redirect"]));
  for (const { url, headers } of asked) expect(headers.cookie, url).toBeUndefined();
  expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
  expect(JSON.stringify(asked)).not.toContain("THEKEY");
}, 120_000);
