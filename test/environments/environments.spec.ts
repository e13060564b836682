import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { kept, noteEnvironment, tablePage, withTable } from "../../scripts/environments.mjs";
import { makeEnvironments } from "../consumers/project.ts";
import { environment, run } from "../consumers/run.ts";
import { serve } from "../consumers/vite.ts";
import { startApp } from "./fixtures/app.mjs";
import { commands, dependencies, type Found, runWorkerd } from "./runtimes.ts";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 300_000 });

const root = fileURLToPath(new URL("../..", import.meta.url));
const features = ["call", "stream", "upload", "download", "cancel", "map", "close"];
const all = Object.fromEntries(features.map((feature) => [feature, "yes"]));
const found = new Map<string, Found>();
let project: string;
let folder: string;
let app: Awaited<ReturnType<typeof startApp>>;
let browser: Browser;
let site: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
  project = await makeEnvironments(dependencies, fixtures);
  folder = join(project, "environments");
  const bundled = await run(process.execPath, ["bundle.mjs"], { cwd: folder });
  if (bundled.code !== 0) throw new Error(`The fixtures could not be bundled:\n${bundled.stdout}${bundled.stderr}`);
  app = await startApp();
  site = await serve(join(folder, "dist"));
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP front.test 127.0.0.1"],
  });
});

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await app?.close();
});

/** Records and checks the outcome in one environment. */
function expectEveryFeature(name: string, outcome: Found): void {
  found.set(name, outcome);
  noteEnvironment(root, name, outcome);
  expect(outcome).toEqual(all);
}

/** Opens a page of the site. */
async function open(name: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${site.url}${name}.html`);
  return page;
}

test.each(Object.entries(commands))(
  "%s: every feature works with the packages client, node and web",
  async (name, command) => {
    const [binary = "", ...args] = command;
    for (const sdk of ["client", "node", "web"]) {
      const program = [...args, join(folder, "program.mjs"), `@gradio-rx/${sdk}`, app.url];
      const ended = await run(join(project, "node_modules", binary), program, { cwd: folder });
      expect(ended, `${name} with @gradio-rx/${sdk}`).toMatchObject({ code: 0 });
      expectEveryFeature(name, JSON.parse(ended.stdout) as Found);
    }
  },
);

test("workerd: every feature works", async () => {
  expectEveryFeature("workerd", await runWorkerd(project, app.url));
});

test("Chromium, page: every feature works", async () => {
  const page = await open("page");
  await page.waitForFunction("globalThis.exercised");
  expectEveryFeature("Chromium, page", await page.evaluate<Found>(`exercised(${JSON.stringify(app.url)})`));
});

test("Chromium, worker: every feature works", async () => {
  const page = await open("page");
  const exercised = await page.evaluate(`new Promise((resolve, reject) => {
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(${JSON.stringify(app.url)});
  })`);
  expectEveryFeature("Chromium, worker", exercised as Found);
});

test("Chromium, service worker: every feature works", async () => {
  const page = await open("page");
  const exercised =
    await page.evaluate(`navigator.serviceWorker.register("/worker.js", { type: "module" }).then(async () => {
    const { active } = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    active.postMessage(${JSON.stringify(app.url)}, [port2]);
    return await new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  })`);
  expectEveryFeature("Chromium, service worker", exercised as Found);
});

test.each(["jsdom", "happy-dom"])(
  "Vitest with %s: every feature works, with the app in the same process",
  async (dom) => {
    const vitest = join(project, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--environment", dom, "--root", folder, "environment.test.mjs"];
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: folder });
    expect(code, stdout + stderr).toBe(0);
    for (const [, outcome = ""] of stdout.matchAll(/^found (.*)$/gm))
      expectEveryFeature(`Vitest, ${dom}`, JSON.parse(outcome) as Found);
    expect(found.has(`Vitest, ${dom}`)).toBe(true);
  },
);

test.each([
  ["Jest", "node", "jest.test.cjs", "client node web"],
  ["Jest, jsdom", "jsdom", "jest-jsdom.test.cjs", "node"],
  ["Jest, jest-fixed-jsdom", "jest-fixed-jsdom", "jest-dom.test.cjs", "client node"],
  ["Jest, happy-dom", "@happy-dom/jest-environment", "jest-dom.test.cjs", "client node web"],
])("%s: every feature works", async (name, dom, file, packages) => {
  const jest = join(project, "node_modules/jest/bin/jest.js");
  const options = ["--rootDir", folder, "--env", dom, "--testMatch", `**/${file}`, "--testTimeout", "60000"];
  const { code, stderr } = await run(join(project, "node_modules/node-24/bin/node"), [jest, ...options], {
    cwd: folder,
    env: { ...environment(), APP: app.url, PACKAGES: packages },
  });
  expect(code, stderr).toBe(0);
  for (const [, outcome = ""] of stderr.matchAll(/^found (.*)$/gm))
    expectEveryFeature(name, JSON.parse(outcome) as Found);
  expect(found.has(name)).toBe(true);
});

test("a page whose origin the app refuses is told so, with both remedies; an unreachable app is told apart", async () => {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${site.url.replace("127.0.0.1", "front.test")}page.html`);
  await page.waitForFunction("globalThis.exercised");
  const refused = await page.evaluate<Found>(`exercised(${JSON.stringify(app.url)})`);
  expect(refused["call"]).toContain("does not allow requests from pages of the origin http://front.test");
  expect(refused["call"]).toContain("strict_cors=False");
  expect(refused["call"]).toContain("from one origin");
  const absent = await page.evaluate<Found>(`exercised("http://127.0.0.1:9")`);
  expect(absent["call"]).toContain("the server cannot be reached");
});

test.each([
  [[], "node.js"],
  [["browser"], "index.js"],
  [["workerd"], "index.js"],
  [["react-native"], "index.js"],
])("@gradio-rx/client with the export conditions node and %j is %s", async (conditions, file) => {
  const flags = conditions.flatMap((condition) => ["--conditions", condition]);
  const code = 'console.log(import.meta.resolve("@gradio-rx/client").split("/").at(-1))';
  const ended = await run(process.execPath, [...flags, "--input-type=module", "--eval", code], { cwd: folder });
  expect(ended).toEqual({ code: 0, stdout: `${file}\n`, stderr: "" });
});

test("@gradio-rx/node in a page fails with a sentence that names the package for pages", async () => {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const failed = page.waitForEvent("pageerror");
  await page.goto(`${site.url}node-in-a-page.html`);
  expect((await failed).message).toContain("Import @gradio-rx/web instead");
});

test("the table of environments shows the outcome", () => {
  const text = readFileSync(join(root, tablePage), "utf8");
  expect(withTable(text, JSON.parse(readFileSync(join(root, kept), "utf8")))).toBe(text);
});
