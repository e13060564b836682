import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addRelease } from "../../scripts/changelog.mjs";
import { publishedPackages } from "../../scripts/manifests.mjs";
import { problemsOf } from "../../scripts/tarballs.mjs";
import { root } from "./sources.ts";

// The tests pack two small packages, and start pnpm, publint and others for each of them.
vi.setConfig({ testTimeout: 300_000 });

const addresses = {
  repository: { type: "git", url: "git+https://forge.example/project.git" },
  homepage: "https://project.example",
  bugs: { url: "https://forge.example/project/issues" },
};

/** A clone with the scripts of this repository and two packages, of which `b` depends on `a`. */
let clone: string;
/** Requests that the registry received. */
let requests: string[];
let registry: ReturnType<typeof createServer>;

beforeEach(async () => {
  requests = [];
  registry = await startRegistry();
  clone = mkdtempSync(join(tmpdir(), "gradio-rx-release-"));
  cpSync(join(root, "scripts"), join(clone, "scripts"), { recursive: true });
  const url = `127.0.0.1:${(registry.address() as AddressInfo).port}/`;
  write(".npmrc", `registry=http://${url}\n//${url}:_authToken=token\n`);
  write(".gitignore", ".cache\n.npmrc\n");
  write("package.json", { name: "project", private: true, packageManager: "pnpm@12.21.0" });
  write("pnpm-workspace.yaml", "packages:\n  - packages/*\npmOnFail: ignore\n");
  write(".changeset/config.json", {
    access: "public",
    changelog: false,
    baseBranch: "main",
    fixed: [["@fixture/a", "@fixture/b"]],
  });
  write("CHANGELOG.md", "# Changelog\n\n## 1.2.3 (2026-01-31)\n\n- First.\n");
  writePackage("a", addresses);
  writePackage("b", { ...addresses, dependencies: { "@fixture/a": "workspace:^" } });
  git("init", "--quiet", "--initial-branch=main");
  commit();
});

afterEach(() => {
  registry.close();
  registry.closeAllConnections();
  rmSync(clone, { recursive: true, force: true });
});

/** Starts a registry that stores packages, and records requests that publish. */
async function startRegistry(): Promise<typeof registry> {
  const stored = new Map<string, unknown>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const path = decodeURIComponent(request.url ?? "");
      if (request.method === "PUT") {
        requests.push(path);
        stored.set(path, JSON.parse(body));
      }
      const found = stored.get(path);
      response.writeHead(found === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? { error: "not_found" }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), typeof content === "string" ? content : JSON.stringify(content));
}

/** Writes a package that has all that a published package needs, besides the given fields. */
function writePackage(name: string, fields: object): void {
  const entry = { types: "./dist/index.d.ts", default: "./dist/index.js" };
  write(`packages/${name}/package.json`, {
    name: `@fixture/${name}`,
    version: "1.2.3",
    description: "A package.",
    keywords: ["package"],
    license: "MIT",
    files: ["dist"],
    type: "commonjs",
    sideEffects: false,
    main: "./dist/index.js",
    types: "./dist/index.d.ts",
    exports: { ".": { import: entry, require: entry } },
    engines: { node: ">=22" },
    publishConfig: { access: "public" },
    ...fields,
  });
  write(`packages/${name}/README.md`, `# ${name}\n`);
  write(`packages/${name}/LICENSE`, "MIT\n");
  write(`packages/${name}/dist/index.js`, "exports.one = 1;\n");
  write(`packages/${name}/dist/index.js.map`, { version: 3, sources: [], mappings: "" });
  write(`packages/${name}/dist/index.d.ts`, "export declare const one: number;\n");
}

function git(...args: string[]): void {
  const { status, stderr } = spawnSync("git", args, { cwd: clone, encoding: "utf8" });
  expect(status, stderr).toBe(0);
}

function commit(): void {
  git("add", "--all");
  git("-c", "user.name=a", "-c", "user.email=a@project.example", "commit", "--quiet", "--message", "Add packages");
}

interface Ended {
  status: number | null;
  output: string;
}

/** Runs a program in the clone. */
function run(...args: string[]): Promise<Ended> {
  const bin = join(root, "node_modules", ".bin");
  const env = {
    ...process.env,
    NO_COLOR: "1",
    PATH: `${bin}${delimiter}${process.env["PATH"]}`,
    GRADIO_RX_TOOLS: join(clone, "tools"),
  };
  const child = spawn(process.execPath, args, { cwd: clone, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) => child.on("close", (status) => resolve({ status, output })));
}

/** Begins `npm run release`, up to the point at which it would install tools. */
const begin = (...args: string[]): Promise<Ended> => run("scripts/run.mjs", "release", ...args);

/** Runs the release of packages that have been built. */
const release = (...args: string[]): Promise<Ended> =>
  run(
    "--input-type=module",
    "--eval",
    `import { release } from "./scripts/release.mjs"; process.exitCode = release(${JSON.stringify(args)}) ? 0 : 1;`,
  );

test("a release is refused before anything is installed while packages name no repository, homepage and bugs", async () => {
  writePackage("a", {});
  writePackage("b", { ...addresses, homepage: "", bugs: { url: "later" } });
  commit();
  const { status, output } = await begin();
  expect(status).toBe(1);
  expect(output).toContain("Publishing was refused:");
  expect(output).toContain('"repository" names no address in the package.json of @fixture/a.');
  expect(output).toContain('"homepage" names no address in the package.json of every package.');
  expect(output).toContain('"bugs" names no address in the package.json of every package.');
  expect(existsSync(join(clone, "tools"))).toBe(false);
});

test("a release is refused while changesets wait for a version, and while changes are not committed", async () => {
  write(".changeset/some-change.md", '---\n"@fixture/a": patch\n---\n\nA change.\n');
  const { status, output } = await begin();
  expect(status).toBe(1);
  expect(output).toContain("Changesets are not released: some-change.md. Run `npm run version` first.");
  expect(output).toContain("The clone has changes that are not committed.");
});

test("an option that does not exist, such as a misspelled --dry-run, releases nothing", async () => {
  const { status, output } = await begin("--dryrun");
  expect(status).toBe(1);
  expect(output).toContain("--dryrun");
  expect(output).toContain("Usage: npm run release [-- --dry-run]");
});

test("a dry run checks the packages, prints their sizes and the reasons for a refusal, and publishes nothing", async () => {
  writePackage("a", {});
  commit();
  const { status, output } = await release("--dry-run");
  expect(output).toMatch(/^@fixture\/a +1\.2\.3 +6 +\d+\.\d kB +\d+\.\d kB$/m);
  expect(output).toMatch(/^@fixture\/b +1\.2\.3 +6 +\d+\.\d kB +\d+\.\d kB$/m);
  expect(output).toContain("Dry run: nothing was published.");
  expect(output).toContain('"repository" names no address in the package.json of @fixture/a.');
  expect(status).toBe(0);
  expect(requests).toEqual([]);
});

test("a dry run fails for a package whose contents are incomplete", async () => {
  rmSync(join(clone, "packages/b/README.md"));
  rmSync(join(clone, "packages/b/dist/index.js.map"));
  write("CHANGELOG.md", "# Changelog\n");
  const { status, output } = await release("--dry-run");
  expect(output).toContain("The packages cannot be published:");
  expect(output).toContain("@fixture/b does not contain README.md.");
  expect(output).toContain("@fixture/b has no source map for dist/index.js.");
  expect(output).toContain('CHANGELOG.md has no section "## 1.2.3".');
  expect(status).toBe(1);
});

test("a release publishes a package after those that it depends on, and a second one publishes nothing again", async () => {
  const { status, output } = await release();
  expect(output).toContain("Published. Tag the commit: git tag v1.2.3");
  expect(status).toBe(0);
  expect(requests).toEqual(["/@fixture/a", "/@fixture/b"]);
  const again = await release();
  expect(again.output).toContain("The registry has all of these versions already.");
  expect(again.status).toBe(0);
  expect(requests).toHaveLength(2);
});

test("all published packages have one version, and changesets raise it for all of them", () => {
  const packages = publishedPackages();
  expect(new Set(packages.map(({ manifest }) => manifest.version)).size).toBe(1);
  const config = JSON.parse(readFileSync(join(root, ".changeset/config.json"), "utf8")) as { fixed: string[][] };
  expect(config.fixed).toEqual([packages.map(({ manifest }) => manifest.name).toSorted()]);
});

test("packages whose versions or ranges do not match are reported", () => {
  const manifest = {
    description: "",
    keywords: [],
    license: "MIT",
    engines: {},
    sideEffects: false,
    publishConfig: {},
  };
  const contents = join(clone, "packages/a");
  const problems = problemsOf(
    [
      { contents, manifest: { ...manifest, name: "a", version: "1.0.0" } },
      {
        contents,
        manifest: { ...manifest, name: "b", version: "1.1.0", peerDependencies: { a: "^0.9.0", c: "workspace:^" } },
      },
    ],
    "# Changelog\n\n## 1.0.0 (2026-01-31)\n",
  );
  expect(problems).toEqual([
    "The packages have different versions: 1.0.0, 1.1.0.",
    'b depends on c by the range "workspace:^".',
    'b depends on a by the range "^0.9.0" and not by "^1.0.0".',
  ]);
});

test("a version is added to the changelog above the one before it, with its changesets by kind and package", () => {
  const before = "# Changelog\n\nAn introduction.\n\n## 0.1.0 (2026-01-31)\n\n- First.\n";
  const changesets = [
    { summary: "Fix a defect.", releases: [{ name: "gradio-rx", type: "patch" }] },
    {
      summary: "Add an option.\nIt does nothing.",
      releases: [
        { name: "@gradio-rx/web", type: "minor" },
        { name: "@gradio-rx/core", type: "patch" },
      ],
    },
  ];
  expect(addRelease(before, "0.2.0", "2026-02-28", changesets)).toBe(
    [
      "# Changelog",
      "An introduction.",
      "## 0.2.0 (2026-02-28)",
      "### Added and changed",
      "- `core`, `web`: Add an option.\n  It does nothing.",
      "### Fixed",
      "- `gradio-rx`: Fix a defect.",
      "## 0.1.0 (2026-01-31)",
      "- First.\n",
    ].join("\n\n"),
  );
});
