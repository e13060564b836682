import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { analyze } from "eslint-scope";
import { parseAst } from "rollup/parseAst";
import { expect, test, vi } from "vitest";
import { root } from "./sources.ts";

// Each test parses whole packages.
vi.setConfig({ testTimeout: 60_000 });

/** Files of core with the code of other packages. */
const bundled = ["eventsource-parser", "ky", "leven"];

/** The code of a built package: its entry, and the parts that it loads when they are needed. */
function codes(name: string, ending = "js"): string[] {
  const folder = join(root, "packages", name, "dist");
  if (!existsSync(join(folder, `index.${ending}`))) throw new Error(`${name} is not built: npm run build`);
  return readdirSync(folder)
    .filter((file) => file.endsWith(`.${ending}`) && !bundled.includes(file.slice(0, -ending.length - 1)))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}

interface Node {
  type: string;
  start: number;
  end: number;
  range?: [number, number];
}

/** The syntax tree of a bundle, and every node of it. */
function parse(text: string): { tree: Node; nodes: Node[] } {
  const tree = parseAst(text) as unknown as Node;
  const nodes: Node[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      if ("type" in value && "start" in value) nodes.push(value as Node);
      Object.values(value).forEach(visit);
    }
  };
  visit(tree);
  for (const node of nodes) node.range = [node.start, node.end];
  return { tree, nodes };
}

/** Names that modules use and do not declare: what they expect of their platform. */
function globals(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap(globalsOf));
}

function globalsOf(text: string): string[] {
  const ast = parse(text).tree as unknown as Parameters<typeof analyze>[0];
  const manager = analyze(ast, { ecmaVersion: 2022, sourceType: "module" });
  const through = manager.globalScope?.through ?? [];
  return through.map((reference) => reference.identifier.name);
}

/** Modules of others that a package asks for, at once or lazily. */
function imports(texts: readonly string[]): string[] {
  const found = texts
    .flatMap((text) => parse(text).nodes)
    .flatMap((node) => {
      const {
        type,
        source,
        callee,
        arguments: given,
      } = node as Node & { source?: unknown; callee?: unknown; arguments?: unknown[] };
      if (/^(Import|Export)/.test(type)) return [source];
      return type === "CallExpression" && (callee as { name?: string }).name === "require" ? [given![0]] : [];
    });
  const names = found.map((source) => (source as { value?: unknown } | null | undefined)?.value);
  return [...new Set(names.filter((name) => typeof name === "string"))]
    .filter((name) => !name.startsWith("."))
    .toSorted();
}

const ofNode = ["process", "Buffer", "__dirname", "__filename", "setImmediate", "global"];
const ofPages = [
  "window",
  "document",
  "navigator",
  "location",
  "localStorage",
  "self",
  "XMLHttpRequest",
  "EventSource",
  "WebSocket",
];

test("the search for globals finds a global, and not a parameter or variable with such a name", () => {
  expect(globals(["fetch(1); function f(process) { process(); } const window = 1; window;"])).toEqual(
    new Set(["fetch"]),
  );
});

test.each(["js", "cjs"])("web's %s uses no API of Node", (ending) => {
  const text = codes("web", ending);
  expect(imports(text).filter((name) => name.startsWith("node:"))).toEqual([]);
  expect(ofNode.filter((name) => globals(text).has(name))).toEqual([]);
});

test.each(["js", "cjs"])("core's %s uses no API of a platform: no fetch, no API of Node or of pages", (ending) => {
  const text = codes("core", ending);
  expect(imports(text)).toEqual(["rxjs"]);
  expect(["fetch", "globalThis", ...ofNode, ...ofPages].filter((name) => globals(text).has(name))).toEqual([]);
});

test.each(["web", "node", "testing", "batch", "react", "vue", "compat"] as const)(
  "%s imports core instead of carrying a copy of it",
  (name) => {
    const foreign = imports(codes(name)).filter((target) => !target.startsWith("node:"));
    const core = (...subpaths: string[]): string[] => [
      "@gradio-rx/core",
      ...subpaths.map((path) => `@gradio-rx/core/${path}`),
    ];
    const expected = {
      web: core("controller", "operators", "platform", "query"),
      node: [...core("operators", "platform", "query"), "tough-cookie"],
      testing: [],
      batch: ["@gradio-rx/node", "better-sqlite3", "bullmq", "ioredis", "rxjs"],
      react: ["@gradio-rx/web", "@gradio-rx/web/controller", "react"],
      vue: ["@gradio-rx/web", "@gradio-rx/web/controller", "vue"],
      compat: ["@gradio-rx/client", "@gradio-rx/core/raw"],
    };
    expect(foreign).toEqual(expected[name]);
    expect(codes(name).join("\n")).not.toMatch(/class (Observable|GradioError|Job)\b/);
  },
);

test.each(["core", "web", "node", "testing", "batch", "react", "vue", "compat"])(
  "%s prints nothing and evaluates no text",
  (name) => {
    expect(["console", "eval", "Function"].filter((one) => globals(codes(name)).has(one))).toEqual([]);
  },
);

test.each(["js", "cjs"])("the entry of react says that it is for pages: %s", (ending) => {
  const text = readFileSync(join(root, "packages", "react", "dist", `index.${ending}`), "utf8");
  expect(text.startsWith('"use client";')).toBe(true);
});
