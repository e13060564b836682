import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ended, environment, run } from "../consumers/run.ts";

const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));
const example = fileURLToPath(new URL("../../examples/react-chat/src/", import.meta.url));

/** The page of the example react-chat, and the same page written with the official client. */
export type Page = "gradio-rx" | "@gradio/client";

/** A way to build a page. */
interface Bundler {
  /** Files of `fixtures/configs` that the build needs. They contain what React, TypeScript and CSS need, and nothing for the SDK. */
  configs: readonly string[];
  /** Arguments of Node: a program, and its arguments. */
  command: (bin: (path: string) => string, out: string) => readonly string[];
  /** Kind of the HTML: it names the sources or what was built of them, or Next makes it. */
  html: "sources" | "built" | "next";
  /** Folder of the built page. */
  out: "dist" | "out";
}

const plain = { html: "built", out: "dist" } as const;
const next = { configs: ["next.config.mjs"], html: "next", out: "out" } as const;

/** The bundlers, by name. */
export const bundlers = {
  Vite: {
    configs: ["vite.config.mjs"],
    command: (bin) => [bin("vite/bin/vite.js"), "build", "--logLevel", "warn"],
    html: "sources",
    out: "dist",
  },
  webpack: { ...plain, configs: ["webpack.config.mjs", "pack.mjs"], command: () => ["pack.mjs", "webpack"] },
  Rspack: { ...plain, configs: ["rspack.config.mjs", "pack.mjs"], command: () => ["pack.mjs", "rspack"] },
  esbuild: {
    ...plain,
    configs: [],
    command: (bin, out) => [
      bin("esbuild/bin/esbuild"),
      "main.tsx",
      `--outdir=${out}`,
      "--bundle",
      "--splitting",
      "--format=esm",
      "--minify",
      "--jsx=automatic",
      "--log-level=warning",
    ],
  },
  Rollup: {
    ...plain,
    configs: ["rollup.config.mjs"],
    command: (bin) => [bin("rollup/dist/bin/rollup"), "--config", "--silent", "--failAfterWarnings"],
  },
  Parcel: {
    configs: [],
    command: (bin, out) => [
      bin("parcel/lib/bin.js"),
      "build",
      "index.html",
      "--dist-dir",
      out,
      "--no-cache",
      "--no-source-maps",
      "--log-level",
      "warn",
    ],
    html: "sources",
    out: "dist",
  },
  "Next (Turbopack)": { ...next, command: (bin) => [bin("next/dist/bin/next"), "build"] },
  "Next (webpack)": { ...next, command: (bin) => [bin("next/dist/bin/next"), "build", "--webpack"] },
} as const satisfies Record<string, Bundler>;

export type BundlerName = keyof typeof bundlers;

/** A page that was built. */
export interface Built {
  ended: Ended;
  /** Warnings, and whatever else a bundler printed that is not its ordinary report. */
  complaints: string;
  dir: string;
}

/** Builds a page as its author does. */
export async function build(project: string, name: BundlerName, page: Page): Promise<Built> {
  const { configs, command, html, out }: Bundler = bundlers[name];
  const folder = join(project, "pages", page.replace("/", "-"), name.replace(/\W+/g, "-"));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "app"), { recursive: true });
  const copy = (from: string, to: string): void => copyFileSync(from, join(folder, to));
  for (const file of ["chat.tsx", "composer.tsx", "chat.css"]) copy(join(example, file), file);
  const client = page === "gradio-rx" ? example : join(fixtures, "official");
  for (const file of ["gradio.ts", "use-chat.ts"]) copy(join(client, file), file);
  for (const file of configs) copy(join(fixtures, "configs", file), file);
  if (html === "next") for (const file of ["layout.jsx", "page.jsx"]) copy(join(fixtures, "next", file), `app/${file}`);
  else copy(join(fixtures, "main.tsx"), "main.tsx");
  const text = readFileSync(join(fixtures, "index.html"), "utf8");
  const dir = join(folder, out);
  if (html === "sources") writeFileSync(join(folder, "index.html"), naming(text));
  const args = command((path) => join(project, "node_modules", path), dir);
  // On a build server, Next warns that it found no cache of an earlier build.
  const env = { ...environment(), NEXT_TELEMETRY_DISABLED: "1", CI: "" };
  const ended = await run(process.execPath, args, { cwd: folder, env, patience: 300_000 });
  if (html === "built" && ended.code === 0) writeFileSync(join(dir, "index.html"), text);
  return { ended, complaints: html === "next" ? warningsOfNext(ended) : ended.stdout + ended.stderr, dir };
}

/** The HTML that names the sources: bundlers that read HTML find the style sheet in the script. */
function naming(html: string): string {
  return html.replace(/.*main\.css.*\n/, "").replace("/main.js", "./main.tsx");
}

/** Next reports what it does, too. Its warnings and errors have a sign of their own. */
function warningsOfNext({ stdout, stderr }: Ended): string {
  const lines = (stdout + stderr).split("\n");
  return lines.filter((line) => /⚠|⨯|warn|error|failed/i.test(line)).join("\n");
}
