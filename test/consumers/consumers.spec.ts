import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { recorded } from "../../demo/recordings/readme.ts";
import { Stage } from "../../demo/recordings/stage.ts";
import { root } from "../house/sources.ts";
import { startApp, story, type StoryApp } from "./app.ts";
import { compilers, makeOldProject, makeProject, oldestCompiler, oldestRxjs, packages } from "./project.ts";
import { type Ended, environment, node, run } from "./run.ts";
import { compile, compileEntries, compileOld, compileReadme } from "./types.ts";
import { Visit } from "./visit.ts";
import { build, develop, serve, sourcesOf } from "./vite.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 300_000 });

const silent: Ended = { code: 0, stdout: "", stderr: "" };
let project: string;

beforeAll(async () => {
  project = await makeProject();
}, 300_000);

/** Starts an app for one test. */
async function app(): Promise<StoryApp> {
  const started = await startApp();
  onTestFinished(() => started.close());
  return started;
}

/** Reads a file of an installed package. */
function installed(name: string, ...path: string[]): string {
  return join(project, "node_modules", "@gradio-rx", name, ...path);
}

describe("contents of the packages", () => {
  test.each(packages)("%s contains its licence and README, and no tests", (name) => {
    expect(readFileSync(installed(name, "LICENSE"), "utf8")).toContain("MIT");
    expect(readFileSync(installed(name, "README.md"), "utf8")).toContain(`# @gradio-rx/${name}`);
    const files = readdirSync(installed(name), { recursive: true, encoding: "utf8" });
    const tests = files.filter((file) => file.includes(".spec.") && !file.startsWith("node_modules"));
    expect(tests).toEqual([]);
  });

  test("core contains the licences of the packages whose code is in its build, and depends on none of them", () => {
    const licences = readFileSync(installed("core", "dist", "LICENSES-THIRD-PARTY.txt"), "utf8");
    const manifest = readFileSync(installed("core", "package.json"), "utf8");
    const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
    expect(dependencies).toEqual({});
    for (const name of ["ky", "eventsource-parser", "leven"]) expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
  });

  test.each(packages)("the examples in the README of %s compile", async (name) => {
    const { examples, ...ended } = await compileReadme(project, name);
    expect(ended).toEqual(silent);
    expect(examples).toBeGreaterThan(0);
  });

  test.each(packages)("a debugger finds every source of %s", (name) => {
    for (const ending of [".js.map", ".cjs.map"]) {
      const maps = readdirSync(installed(name, "dist")).filter((file) => file.endsWith(ending));
      const sources = maps.flatMap((file) => sourcesOf(installed(name, "dist", file)));
      // The files of client contain re-exports alone, which have no place in a source.
      expect(sources.length > 0).toBe(name !== "client");
      expect(sources.filter((source) => !existsSync(resolve(installed(name, "dist"), source)))).toEqual([]);
    }
  });

  test("npm reports nothing missing in the installed tree, and no second copy of rxjs or core is installed", async () => {
    const { stdout } = await run("npm", ["ls", "--all", "--json"], { cwd: project, script: true });
    const { name, problems = [] }: { name?: string; problems?: string[] } = JSON.parse(stdout);
    expect(name).toBe("a-users-project");
    // npm records the origin of a tarball only until another tool writes into node_modules, as Vite does.
    expect(problems.filter((problem) => !/^invalid: (@gradio-rx\/|gradio-rx@)/.test(problem))).toEqual([]);
    const everything = readdirSync(join(project, "node_modules"), { recursive: true, encoding: "utf8" });
    const copies = everything
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => /(^|\/node_modules\/)(rxjs|@gradio-rx\/core)$/.test(path));
    expect(copies.toSorted()).toEqual(["@gradio-rx/core", "rxjs"]);
  });
});

describe.each(compilers)("types, strict and with every declaration checked, in %s", (_, compiler) => {
  test("compile in ESM and CommonJS modules for Node, without the DOM library", async () => {
    expect(await compile(project, compiler, "nodenext")).toEqual(silent);
  });

  test("compile for a bundler, without the DOM library", async () => {
    expect(await compile(project, compiler, "bundler")).toEqual(silent);
  });

  test("compile for a page, without Node's types", async () => {
    expect(await compile(project, compiler, "web")).toEqual(silent);
  });
});

test("types compile for Node with the module resolution node10, which TypeScript 5 is the last to have", async () => {
  expect(await compile(project, "typescript-5", "node10")).toEqual(silent);
});

test.each(["nodenext", "bundler", "node10"] as const)(
  "every entry has types for a program without the DOM library, with the configuration %s",
  async (how) => {
    expect(await compileEntries(project, "typescript-5", how)).toEqual(silent);
  },
);

test.each(["nodenext", "bundler", "node10", "web"] as const)(
  `types compile in TypeScript ${oldestCompiler.version}, the oldest that the README states, with the configuration %s`,
  async (how) => {
    expect(await compileOld(project, oldestCompiler.folder, how)).toEqual(silent);
    const [major, minor] = oldestCompiler.version.split(".");
    expect(readFileSync(installed("node", "README.md"), "utf8")).toContain(`TypeScript ${major}.${minor}`);
  },
);

/** Runs one of the programs and parses its standard output as JSON. */
async function start(
  file: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = environment(),
  cwd: string = project,
): Promise<unknown> {
  const ended = await node(join("programs", file), args, { cwd, env, patience: 30_000 });
  const said: unknown = ended.stdout === "" ? null : JSON.parse(ended.stdout);
  return { code: ended.code, stderr: ended.stderr, said };
}

describe("the command line", () => {
  test("runs from its package, prints the result, and brings its licence and a page that introduces it", async () => {
    const { url } = await app();
    const args = ["--no-install", "gradio-rx", "call", url, "/greet", 'name:="Ada"', "-q"];
    expect(await run("npx", args, { cwd: project, script: true })).toEqual({
      code: 0,
      stdout: "Hello Ada!\n",
      stderr: "",
    });
    const files = readdirSync(join(project, "node_modules", "gradio-rx"), { recursive: true, encoding: "utf8" });
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "batch.svg", "terminal.svg"]));
    expect(files.filter((file) => file.includes(".spec."))).toEqual([]);
  });

  test("runs with npx in an empty folder, as its README shows, and leaves no file there", async () => {
    const readme = readFileSync(join(root, "packages/cli/README.md"), "utf8");
    const [block = ""] = /```console\n\$ mkdir empty[^]*?```\n/.exec(readme) ?? [];
    const stage = await Stage.open(join(root, ".cache/consumers/packed"));
    try {
      expect(await recorded(block, async (command, name) => (await stage.run(command, name)).text)).toBe(block);
    } finally {
      await stage.close();
    }
  });

  test("migrates a program from its package", async () => {
    const dir = join(project, "migrated");
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "main.mjs"), 'import { client } from "@gradio/client";\nawait client("owner/name");\n');
    const args = ["--no-install", "gradio-rx", "migrate", "--write", "main.mjs"];
    expect(await run("npx", args, { cwd: dir, script: true })).toEqual({
      code: 0,
      stdout: "main.mjs changed.\n",
      stderr: "1 file changed; 0 places are left to change by hand.\n",
    });
    expect(readFileSync(join(dir, "main.mjs"), "utf8")).toBe(
      'import { Client } from "@gradio-rx/client";\nawait Client.connect("owner/name");\n',
    );
  });

  test("writes types that compile against the installed packages", async () => {
    const { url } = await app();
    const dir = join(project, "types", "generated");
    const options = { cwd: project, script: true };
    const written = await run(
      "npx",
      ["--no-install", "gradio-rx", "typegen", url, "-o", join(dir, "api.ts"), "-q"],
      options,
    );
    expect(written).toEqual({ code: 0, stdout: "", stderr: "" });
    writeFileSync(
      join(dir, "tsconfig.json"),
      JSON.stringify({ extends: "../nodenext/tsconfig.json", files: ["api.ts"] }),
    );
    for (const [, compiler] of compilers)
      expect(await node(join(project, "node_modules", compiler, "bin", "tsc"), ["-p", dir], { cwd: dir })).toEqual(
        silent,
      );
  });
});

describe("programs in Node exit by themselves and print nothing else", () => {
  test.each(["esm.mjs", "cjs.cjs"])("%s connects, predicts, streams and closes", async (file) => {
    const said = { predicted: "Hello Ada!", streamed: [1, 2, 3, 4], result: 4 };
    expect(await start(file, [(await app()).url])).toEqual({ code: 0, stderr: "", said });
  });

  test("with both builds in one process, each recognizes the other's errors and Observables", async () => {
    const knows = { input: [true, true, false], app: [true, false, true], rxjs: true };
    const said = { copies: 2, toCjs: knows, toEsm: knows };
    expect(await start("both.mjs", [(await app()).url])).toEqual({ code: 0, stderr: "", said });
  });

  test.each(["testing.mjs", "testing.cjs"])("%s runs an app without Python, in memory and over HTTP", async (file) => {
    const { PATH: _, Path: _path, ...env } = environment();
    const said = { inMemory: "Hello Ada!", served: "Hello Grace!" };
    expect(await start(file, [], env)).toEqual({ code: 0, stderr: "", said });
  });

  const ways = packages.flatMap(
    (name) =>
      [
        { how: "import", name },
        { how: "require", name },
      ] as const,
  );
  test.each(ways)("$how of $name alone changes no globals and keeps nothing open", async ({ how, name }) => {
    const said = { exported: true, changed: [], listening: [], open: [] };
    expect(await start("only-import.mjs", [how, `@gradio-rx/${name}`])).toEqual({ code: 0, stderr: "", said });
  });
});

/** Starts Chromium. */
async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

const frameworks = ["plain", "react", "vue"];

/** Opens a page that shows the story, and checks that it grows step by step. */
async function readStory(browser: Browser, page: string): Promise<{ rxjs?: string | null; complaints: string[] }> {
  const started = await app();
  await using visit = await Visit.open(browser, `${page}?app=${encodeURIComponent(started.url)}`);
  for (const text of story) {
    await visit.shows("text", text);
    expect(await visit.text("result")).toBe("");
    started.turnPage();
  }
  await visit.shows("result", story.at(-1) ?? "");
  return { ...((await visit.has("rxjs")) ? { rxjs: await visit.text("rxjs") } : {}), complaints: visit.complaints };
}

describe("pages made with Vite", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(frameworks)("%s: builds without a warning, and streams a job into the page", async (name) => {
    const { ended, dir, sources } = await build(project, name);
    expect(ended).toEqual(silent);
    expect(sources.filter((source) => source.endsWith("/internal/Observable.js"))).toHaveLength(1);
    await using site = await serve(dir);
    expect(await readStory(browser, site.url)).toEqual({ rxjs: "one", complaints: [] });
  });

  test.each(frameworks)("%s: Vite's development server streams a job into the page without a warning", async (name) => {
    await using site = await develop(project, name);
    expect(await readStory(browser, site.url)).toEqual({ rxjs: "one", complaints: [] });
    expect(site.complaints()).toBe("");
  });

  test("an app in memory works in a page, without a server and without a warning", async () => {
    const { ended, dir } = await build(project, "memory");
    expect(ended).toEqual(silent);
    await using site = await serve(dir);
    await using visit = await Visit.open(browser, site.url);
    await visit.shows("result", "Hello Ada!");
    expect(visit.complaints).toEqual([]);
  });

  test("a page that imports one error class stays small", async () => {
    const { ended, bytes } = await build(project, "small");
    expect(ended).toEqual(silent);
    expect(bytes).toBeGreaterThan(0);
    // All classes are in it, because `fromJSON` makes each of them.
    expect(bytes).toBeLessThan(5_500);
  });
});

describe(`programs with rxjs ${oldestRxjs}, the oldest that the packages accept`, () => {
  let old: string;
  beforeAll(async () => {
    old = await makeOldProject();
  }, 300_000);

  test("npm installs no second rxjs beside it", () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(old, "node_modules", "rxjs", "package.json"), "utf8"),
    );
    expect(version).toBe(oldestRxjs);
    const everything = readdirSync(join(old, "node_modules"), { recursive: true, encoding: "utf8" });
    expect(everything.filter((path) => /(^|[\\/])node_modules[\\/]rxjs$/.test(path))).toEqual([]);
  });

  test.each(["esm.mjs", "cjs.cjs"])("%s connects, predicts, streams and closes", async (file) => {
    const said = { predicted: "Hello Ada!", streamed: [1, 2, 3, 4], result: 4 };
    expect(await start(file, [(await app()).url], environment(), old)).toEqual({ code: 0, stderr: "", said });
  });

  test("types compile", async () => {
    expect(await compile(old, "typescript", "nodenext")).toEqual(silent);
  });
});

describe("the one file for pages without a bundler", () => {
  let browser: Browser;
  let dir: string;
  beforeAll(async () => {
    browser = await launch();
    dir = join(project, "pages", "inline");
    copyFileSync(installed("web", "dist", "gradio-rx.min.js"), join(dir, "gradio-rx.min.js"));
  });
  afterAll(() => browser.close());

  test("a page that imports the file streams a job", async () => {
    await using site = await serve(dir);
    expect(await readStory(browser, site.url)).toEqual({ complaints: [] });
  });

  test("a service worker that imports the file predicts", async () => {
    const started = await app();
    await using site = await serve(dir);
    await using visit = await Visit.open(browser, `${site.url}worker.html?app=${encodeURIComponent(started.url)}`);
    await visit.shows("result", "Hello service worker!");
    expect(visit.complaints).toEqual([]);
  });

  test("the file exports what the package exports, contains no import(), and names the licenses of its parts", async () => {
    const said = { same: true };
    expect(await start("inline.mjs")).toEqual({ code: 0, stderr: "", said });
    const text = readFileSync(installed("web", "dist", "gradio-rx.min.js"), "utf8");
    expect(text).not.toMatch(/\bimport\s*\(/);
    expect(text).toMatch(/^\/\*! @gradio-rx\/web \S+ \| MIT/);
    const licenses = readFileSync(installed("web", "dist", "gradio-rx.min.js.LICENSE.txt"), "utf8");
    for (const name of ["rxjs", "ky", "eventsource-parser", "leven"])
      expect(licenses).toMatch(new RegExp(`^${name} `, "m"));
  });
});
