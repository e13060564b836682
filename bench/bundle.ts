import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build, defaultClientConditions, minifySync, type Rolldown } from "vite";
import { serve, setUp } from "./children.ts";
import { here } from "./compile.ts";
import { judge, type Medians, type Result, type Row, type Target } from "./rows.ts";
import { plain } from "./server/setup.ts";

/** Source of a page that connects and calls once. */
const pages = {
  ours: 'import { Client } from "@gradio-rx/web"; export const run = async (url) => (await Client.connect(url)).predict("/echo", ["x"]);',
  js: 'import { Client } from "@gradio/client/browser.js"; export const run = async (url) => (await Client.connect(url)).predict("/echo", ["x"]);',
  floor: `import { minimum } from ${JSON.stringify(`${here}adapters/minimum.ts`)}; export const run = async (url) => (await minimum(url)).predict("/echo", ["x"]);`,
};

/** RxJS, and the files of core that contain packages of third parties. */
const foreign = ["rxjs", /\/core\/dist\/(?:eventsource-parser|ky|leven)\.js$/];

/** The minified JavaScript of one page. */
interface Page {
  folder: string;
  /** Names of its files. */
  names: string[];
  /** The page itself, and the files that it imports statically: what a browser loads before any `import()`. */
  first: string[];
  /** Minified bytes by module, largest first. */
  modules: [name: string, bytes: number][];
}

/** Sizes of the browser bundles. */
export interface Bundles {
  results: Result[];
  /** Minified bytes of this SDK's bundle by source file, largest first. */
  modules: Page["modules"];
}

/**
 * Bundles a page as its author would. Counts the bytes, after gzip, of the files that a call loads.
 *
 * @param purpose - names a folder of its own, as in compile.ts.
 */
export async function bundles(purpose: string): Promise<Bundles> {
  const server = await serve();
  try {
    await setUp(server.url, plain);
    const sizes: Medians = {};
    for (const name of ["js", "floor"] as const) {
      const page = await bundle(name, { purpose });
      sizes[name] = bytes(page, loaded(page, server.url));
    }
    const ours = await bundle("ours", { purpose });
    const needed = loaded(ours, server.url);
    sizes.ours = bytes(ours, needed);
    // The same files without the modules of third parties.
    const own = await bundle("ours", { purpose, external: foreign });
    const page = await bundle("ours", { purpose, preload: true });
    const title = "browser bundle, connect + predict";
    const row = (name: string, ...targets: Target[]): Row => ({ title: name, unit: "B gzip", figure: "", targets });
    const results = [
      judge(row(title, { most: 44_000 }), sizes),
      judge(row("browser bundle, first load", { most: 6_000 }), { ours: bytes(page, page.first) }),
      judge(row(`${title}, own code`), {
        ours: bytes(
          own,
          own.names.filter((name) => needed.includes(name)),
        ),
      }),
    ];
    const { modules } = await bundle("ours", { purpose, sources: true });
    return { results, modules };
  } finally {
    server.stop();
  }
}

/**
 * @param external - packages that are left out.
 * @param preload - whether `import()` preloads the files of a part, as in a page of Vite. Such a page cannot run in Node.
 * @param sources - our packages' sources in place of what was built of them: the same code, file by file.
 */
async function bundle(
  name: keyof typeof pages,
  {
    purpose,
    external = [],
    sources = false,
    preload = false,
  }: { purpose: string; external?: readonly (string | RegExp)[]; sources?: boolean; preload?: boolean },
): Promise<Page> {
  const folder = join(
    here,
    ".build",
    purpose,
    `page-${name}${external.length > 0 ? "-own" : ""}${sources ? "-sources" : ""}${preload ? "-preload" : ""}`,
  );
  const entry = "\0page";
  const built = (await build({
    root: here,
    configFile: false,
    logLevel: "error",
    resolve: { conditions: [...(sources ? ["@gradio-rx/source"] : []), ...defaultClientConditions] },
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === "page" ? entry : null),
        load: (id) => (id === entry ? pages[name] : null),
      },
    ],
    build: {
      outDir: folder,
      ...(preload ? {} : { modulePreload: false as const }),
      rolldownOptions: {
        input: "page",
        external: [...external],
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "page.js", chunkFileNames: "[name].js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = built.output.filter((one) => one.type === "chunk");
  const modules = chunks.flatMap(({ modules: inside }) =>
    Object.entries(inside).map(([id, { code }]): [string, number] => [nameOf(id), minified(code ?? "")]),
  );
  const first = new Set(["page.js"]);
  for (const file of first)
    for (const one of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) first.add(one);
  return {
    folder,
    names: chunks.map(({ fileName }) => fileName),
    first: Array.from(first),
    modules: modules.toSorted(([, a], [, b]) => b - a),
  };
}

function minified(code: string): number {
  return minifySync("module.js", code).code.length;
}

function bytes({ folder }: Page, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name)), { level: 9 }).length, 0);
}

/** Runs the code of the page and records which of its files are loaded. */
function loaded({ folder, names }: Page, url: string): string[] {
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load: (address, context, next) => (seen.push(address.split("/").at(-1)), next(address, context)) });
    const { run } = await import(${JSON.stringify(pathToFileURL(join(folder, "page.js")).href)});
    await run(${JSON.stringify(url)});
    console.log("loaded " + seen.join(" "));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    timeout: 20_000,
  });
  const [, seen] = /^loaded (.*)$/m.exec(stdout) ?? [];
  if (seen === undefined) throw new Error(`The page's code failed: ${stderr}`);
  return names.filter((name) => seen.split(" ").includes(name.split("/").at(-1)!));
}

function nameOf(id: string): string {
  return id.replace(/.*node_modules\//, "").replace(/.*\/packages\//, "packages/");
}
