import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { text as readStream } from "node:stream/consumers";
import { applyPatch, parsePatch } from "diff";
import { expect, onTestFinished, test, vi } from "vitest";
import { main } from "../../../packages/cli/src/main.ts";
import { serve } from "../app.ts";
import { type Ended, run as start } from "../run.ts";

vi.setConfig({ testTimeout: 60_000 });

const before = `import { client } from "@gradio/client";

const app = await client("owner/name", { hf_token: process.env.HF_TOKEN });
console.log(app.session_hash);
`;
const after = `import { Client } from "@gradio-rx/client";

const app = await Client.connect("owner/name", { token: process.env.HF_TOKEN });
console.log(app.sessionHash);
`;

/** Makes a project for one test: its files, by their paths. */
async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migrate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Runs the command for a folder in this process. Paths are printed as if it ran in the folder. */
async function run(args: readonly string[], { cwd }: { cwd: string }): Promise<Ended> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const isPath = (arg: string, at: number): boolean => at > 0 && /^[\w.]/.test(arg) && !args[at - 1]!.startsWith("--p");
  const given = args.map((arg, at) => (isPath(arg, at) && !/^https?:/.test(arg) ? join(cwd, arg) : arg));
  const paths = args.some((arg, at) => isPath(arg, at) && !/^https?:/.test(arg)) ? [] : [cwd];
  const code = await main([...given, ...paths], { stdin, stdout, stderr, env: {} }, new AbortController().signal);
  stdout.end();
  stderr.end();
  const shown = (printed: string): string => printed.replaceAll(`${cwd}/`, "");
  return { code, stdout: shown(await readStream(stdout)), stderr: shown(await readStream(stderr)) };
}

const read = (folder: string, path: string): Promise<string> => readFile(join(folder, path), "utf8");

test("prints a diff that can be applied, leaves the files as they are, and exits with 0 where nothing is reported", async () => {
  const cwd = await project({ "src/main.js": before, "src/crlf.js": before.replaceAll("\n", "\r\n") });
  const { code, stdout, stderr } = await start(["migrate"], { cwd });
  expect([code, stderr]).toEqual([0, "2 files can be changed with --write; 0 places are left to change by hand.\n"]);
  expect(stdout).toContain(
    '--- a/src/main.js\n+++ b/src/main.js\n@@ -1,4 +1,4 @@\n-import { client } from "@gradio/client";\n',
  );
  expect(await read(cwd, "src/main.js")).toBe(before);
  const patched = parsePatch(stdout).map(async (patch) => {
    const path = patch.newFileName!.replace("b/", "");
    return [path, applyPatch(await read(cwd, path), patch)];
  });
  expect(Object.fromEntries(await Promise.all(patched))).toEqual({
    "src/main.js": after,
    "src/crlf.js": after.replaceAll("\n", "\r\n"),
  });
});

test("writes the files with --write, and changes nothing the second time", async () => {
  const cwd = await project({ "main.js": before, "other.js": "export const one = 1;\n" });
  expect(await run(["migrate", "--write"], { cwd })).toEqual({
    code: 0,
    stdout: "main.js changed.\n",
    stderr: "1 file changed; 0 places are left to change by hand.\n",
  });
  expect(await read(cwd, "main.js")).toBe(after);
  expect(await run(["migrate", "--write"], { cwd })).toEqual({
    code: 0,
    stdout: "",
    stderr: "0 files changed; 0 places are left to change by hand.\n",
  });
});

test("reports what it does not change with file and line, and exits with 1", async () => {
  const cwd = await project({
    "main.js": `${before}await app.view_api();\n`,
    "broken.js": 'import { client } from "@gradio/client";\nconst app = ;\n',
    "index.html": '<script src="https://example.com/@gradio/client/dist/index.min.js"></script>\n',
  });
  const { code, stdout, stderr } = await run(["migrate", "--write"], { cwd });
  expect([code, stdout]).toEqual([1, "main.js changed.\n"]);
  expect(stderr.split("\n")).toEqual([
    "broken.js:2: The file cannot be read as a program, and is left as it is: Unexpected token.",
    "main.js:5: `view_api` has no counterpart of the same shape: use `endpoints`, or `viewApi()` for a text.",
    expect.stringMatching(/^index\.html:1: Scripts in pages are not changed: /),
    "1 file changed; 3 places are left to change by hand.",
    "",
  ]);
  expect(await read(cwd, "broken.js")).toContain("const app = ;");
});

test("leaves a file in another encoding than UTF-8 as it is, with a report", async () => {
  const cwd = await project({});
  const bytes = Buffer.from(`${before}// \u00e9\n`, "latin1");
  await writeFile(join(cwd, "main.js"), bytes);
  const { code, stderr } = await run(["migrate", "--write"], { cwd });
  expect([code, stderr]).toEqual([1, expect.stringContaining("It is not encoded in UTF-8.")]);
  expect(await readFile(join(cwd, "main.js"))).toEqual(bytes);
});

test("reports the lines of the files as they are: before the changes, and after them with --write", async () => {
  const loop = 'for await (const event of app.submit("/write", [])) {\n  console.log(event.data);\n}\n';
  const cwd = await project({ "main.js": `${before}${loop}await app.view_api();\n` });
  expect((await run(["migrate"], { cwd })).stderr).toContain("main.js:8: `view_api`");
  expect((await run(["migrate", "--write"], { cwd })).stderr).toContain("main.js:9: `view_api`");
  expect((await read(cwd, "main.js")).split("\n")[8]).toBe("await app.view_api();");
});

test("--json prints the files and the reports as one line of JSON, and --quiet the reports alone", async () => {
  const cwd = await project({ "main.js": `${before}await app.view_api();\n` });
  const json = await run(["migrate", "--json"], { cwd });
  expect([json.code, json.stderr]).toEqual([1, ""]);
  const reports = [{ line: 5, message: expect.stringContaining("`view_api` has no counterpart") as unknown }];
  expect(JSON.parse(json.stdout)).toEqual({ files: [{ path: "main.js", changed: true, reports }] });
  expect((await run(["migrate", "--quiet"], { cwd })).stderr.split("\n")).toHaveLength(2);
});

test("leaves out packages, build output, hidden folders, links and what .gitignore names, but not a file that is named", async () => {
  const cwd = await project({
    "main.js": before,
    ".gitignore": "ignored.js\n/generated/\n!kept.js\n",
    "ignored.js": before,
    "generated/a.js": before,
    "packages/one/.gitignore": "*.out.js\n",
    "packages/one/a.out.js": before,
    "packages/one/a.ts": before,
    "packages/one/generated/a.js": before,
    "node_modules/a/index.js": before,
    "dist/index.js": before,
    ".next/server.js": before,
    "vendor/library.js": before,
    "library.min.js": before,
  });
  await symlink(join(cwd, "main.js"), join(cwd, "link.js"));
  const changed = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await run(["migrate", "--json", ...args], { cwd });
    return (JSON.parse(stdout) as { files: { path: string }[] }).files.map(({ path }) => path);
  };
  expect(await changed()).toEqual(["main.js", "packages/one/a.ts", "packages/one/generated/a.js"]);
  expect(await changed("ignored.js", "dist/index.js")).toEqual(["dist/index.js", "ignored.js"]);
  await mkdir(join(cwd, ".git"));
  await writeFile(join(cwd, ".gitignore"), "packages/one/a.ts\n");
  expect(await changed("packages")).toEqual(["packages/one/generated/a.js"]);
});

test("follows a client into the modules that import it, also by an alias", async () => {
  const cwd = await project({
    "src/lib/app.ts": `${before}export { app };\nexport const connect = () => client("owner/other");\n`,
    "src/lib/index.ts": 'export * from "./app";\n',
    "src/page.ts": 'import { app } from "@/lib/app";\nconsole.log(app.session_hash);\n',
    "src/other.ts": 'import { connect } from "./lib";\nconsole.log((await connect()).session_hash);\n',
    "src/apart.ts": 'import { app } from "./apart-app";\nconsole.log(app.session_hash);\n',
    "src/apart-app.ts": 'export const app = { session_hash: "mine" };\n',
  });
  await run(["migrate", "--write"], { cwd });
  expect(await read(cwd, "src/page.ts")).toContain("app.sessionHash");
  expect(await read(cwd, "src/other.ts")).toContain("(await connect()).sessionHash");
  expect(await read(cwd, "src/apart.ts")).toContain("app.session_hash");
});

test("changes results with the number of outputs that the app of --app has", async () => {
  const { url } = await serve({ "/greet": (name: unknown) => `Hello ${String(name)}` });
  const connect = 'import { Client } from "@gradio/client";\nconst app = await Client.connect("owner/name");\n';
  const cwd = await project({ "main.mjs": `${connect}console.log((await app.predict("/greet", ["Ada"])).data[0]);\n` });
  const unknown = await run(["migrate"], { cwd });
  expect([unknown.code, unknown.stderr]).toEqual([
    1,
    expect.stringContaining("main.mjs:3: `predict` resolves to the output itself"),
  ]);
  const { code, stdout } = await run(["migrate", "--app", url, "--platform", "node", "--write"], { cwd });
  expect([code, stdout]).toEqual([0, "main.mjs changed.\n"]);
  expect(await read(cwd, "main.mjs")).toBe(
    'import { Client } from "@gradio-rx/node";\nconst app = await Client.connect("owner/name");\nconsole.log(await app.predict("/greet", ["Ada"]));\n',
  );
});

test("reports the dependencies to change, with the command of the project's package manager", async () => {
  const manifest = '{\n  "dependencies": { "@gradio/client": "^2.7.0", "rxjs": "^7.8.2" }\n}\n';
  const cwd = await project({
    "package.json": manifest,
    "pnpm-lock.yaml": "",
    "main.js": before,
    "b/package.json": manifest,
    "b/yarn.lock": "",
  });
  const { code, stderr } = await run(["migrate", "--platform", "web"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain(
    "package.json:2: Change the dependencies: pnpm add @gradio-rx/web && pnpm remove @gradio/client\n",
  );
  expect(stderr).toContain(
    "b/package.json:2: Change the dependencies: yarn add @gradio-rx/web && yarn remove @gradio/client\n",
  );
  await writeFile(
    join(cwd, "main.js"),
    `${before}import { prepare_files } from "@gradio/client";\nprepare_files([]);\n`,
  );
  expect((await run(["migrate"], { cwd })).stderr).toContain(
    "package.json:2: Change the dependencies: pnpm add @gradio-rx/client\n",
  );
});

test("a wrong command line changes nothing and exits with 2", async () => {
  const cwd = await project({ "main.js": before, "style.css": "" });
  for (const [args, message] of [
    [["missing"], '"missing" does not exist.'],
    [["style.css"], '"style.css" is not a file that can be migrated'],
    [["--platform", "deno"], "Allowed choices are node, web."],
  ] as const) {
    const { code, stderr } = await run(["migrate", "--write", ...args], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  }
  expect(await read(cwd, "main.js")).toBe(before);
  expect(await readdir(cwd)).toHaveLength(2);
});

test("help loads none of what the command needs", async () => {
  const { code, stdout, stderr } = await start(["migrate", "--help"], { env: { NODE_DEBUG: "esm" } });
  expect([code, stdout]).toEqual([0, expect.stringContaining("--platform <platform>")]);
  expect(stderr).not.toMatch(/oxc-parser|scope-manager|magic-string|\/diff\/|packages\/node\//);
});
