import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { serve, tell } from "./children.ts";
import { here } from "./compile.ts";
import { judge, type Medians, type Result } from "./rows.ts";
import { plain } from "./server/setup.ts";

/** What a page would write that connects and calls once. */
const pages = {
  ours: 'import { Client } from "@gradio-rx/web"; export const run = async (url) => (await Client.connect(url)).predict("/echo", ["x"]);',
  js: 'import { Client } from "@gradio/client/browser.js"; export const run = async (url) => (await Client.connect(url)).predict("/echo", ["x"]);',
  floor: `import { minimum } from ${JSON.stringify(`${here}adapters/minimum.ts`)}; export const run = async (url) => (await minimum(url)).predict("/echo", ["x"]);`,
};

/** Other people's code in ours. */
const foreign = ["rxjs", "ky", "eventsource-parser"];

/** One page's JavaScript, minified. */
export interface Bundle {
  /** Bytes, gzip, of what a call loads: lazy parts that it does not need are not counted. */
  loaded: number;
  /** The same, of everything. */
  whole: number;
  /** Bytes before minifying, by module, largest first. */
  modules: [name: string, bytes: number][];
}

/** The rows of the bundle. */
export async function bundleResults(): Promise<{ results: Result[]; modules: Bundle["modules"] }> {
  const server = await serve();
  try {
    await tell(server.url, plain);
    const sizes: Medians = {};
    const ours = await bundle("ours", server.url);
    sizes.ours = ours.loaded;
    for (const name of ["js", "floor"] as const) sizes[name] = (await bundle(name, server.url)).loaded;
    const own = await bundle("ours", server.url, foreign);
    const title = "browser bundle, connect + predict";
    const results = [
      judge({ title, unit: "B gzip", figure: "", targets: [{ most: 21_000 }] }, sizes),
      judge({ title: `${title}, own code`, unit: "B gzip", figure: "", targets: [{ most: 9_000 }] }, { ours: own.loaded }),
    ];
    return { results, modules: ours.modules };
  } finally {
    server.stop();
  }
}

/**
 * Builds a page as its author would.
 *
 * @param external - packages that are left out.
 */
export async function bundle(page: keyof typeof pages, url: string, external: readonly string[] = []): Promise<Bundle> {
  const folder = join(here, ".build", `page-${page}${external.length > 0 ? "-own" : ""}`);
  rmSync(folder, { recursive: true, force: true });
  const entry = "virtual:page";
  const built = (await build({
    root: here,
    configFile: false,
    logLevel: "error",
    plugins: [
      { name: "page", resolveId: (id) => (id === entry ? `\0${entry}` : null), load: (id) => (id === `\0${entry}` ? pages[page] : null) },
    ],
    build: {
      outDir: folder,
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        external: [...external],
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "page.js", chunkFileNames: "[name].js" },
      },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = built.output.filter((one) => one.type === "chunk");
  const size = (name: string): number => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
  const names = chunks.map(({ fileName }) => fileName);
  const sum = (some: readonly string[]): number => some.reduce((bytes, name) => bytes + size(name), 0);
  const modules = chunks.flatMap(({ modules: inside }) =>
    Object.entries(inside).map(([id, { renderedLength }]): [string, number] => [nameOf(id), renderedLength]),
  );
  return {
    loaded: sum(needed(folder, url, names)),
    whole: sum(names),
    modules: modules.toSorted(([, a], [, b]) => b - a),
  };
}

/** Runs the page's code, and sees which of its files that loads. */
function needed(folder: string, url: string, names: readonly string[]): readonly string[] {
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ load: (address, context, next) => (seen.push(address.split("/").at(-1)), next(address, context)) });
    const { run } = await import(${JSON.stringify(join(folder, "page.js"))});
    await run(${JSON.stringify(url)});
    console.log("loaded " + seen.join(" "));
    process.exit(0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", cwd: join(here, "../packages/core"), timeout: 20_000 });
  const [, loaded] = /^loaded (.*)$/m.exec(stdout) ?? [];
  if (loaded === undefined) throw new Error(`The page's code does not run: ${stderr}`);
  return names.filter((name) => loaded.split(" ").includes(name.split("/").at(-1)!));
}

function nameOf(id: string): string {
  return id.replace(/.*node_modules\//, "").replace(/.*\/packages\//, "packages/");
}
