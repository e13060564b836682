import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parseAst } from "vite";

/** A node of the syntax tree. */
type Node = Record<string, unknown> & { type: string; start: number; end: number };

/** A declaration at the top of a module: its name, and its whole syntax. */
interface Declaration {
  id: Node;
  node: Node;
}

/** Share of texts that two declarations must have in common to be the same one. */
const SAME = 0.85;

/** A module, whose declarations can be compared with those of another one, whatever their names. */
class Module {
  readonly #tree: Node;
  readonly #declarations = new Map<string, Declaration>();

  constructor(code: string) {
    this.#tree = parseAst(code) as unknown as Node;
    for (const statement of this.#tree["body"] as Node[]) {
      const isVariable = statement.type === "VariableDeclaration";
      for (const node of isVariable ? (statement["declarations"] as Node[]) : [statement]) {
        const id = node["id"] as Node | null | undefined;
        if (id?.type === "Identifier") this.#declarations.set(id["name"] as string, { id, node });
      }
    }
  }

  get names(): string[] {
    return [...this.#declarations.keys()];
  }

  /** Local name of each export. */
  get exports(): Map<string, string> {
    const lists = (this.#tree["body"] as Node[]).filter(({ type }) => type === "ExportNamedDeclaration");
    const specifiers = lists.flatMap((list) => list["specifiers"] as { local: Node; exported: Node }[]);
    return new Map(specifiers.map(({ local, exported }) => [text(exported), text(local)]));
  }

  declaration(name: string): Declaration {
    return this.#declarations.get(name)!;
  }

  /** Whether a declaration is a class. */
  isClass(name: string): boolean {
    const { node } = this.declaration(name);
    return [node, node["init"] as Node | undefined].some((one) => one?.type.startsWith("Class") ?? false);
  }

  /** Texts and property names in a declaration, and in those that it refers to. A minifier does not change them. */
  words(name: string, seen: Set<string> = new Set()): Set<string> {
    const words = new Set<string>();
    if (seen.has(name)) return words;
    seen.add(name);
    for (const node of descendants(this.declaration(name).node)) {
      const word = wordOf(node);
      if (word !== null) words.add(word);
      if (node.type === "Identifier" && this.#declarations.has(text(node)))
        for (const inner of this.words(text(node), seen)) words.add(inner);
    }
    return words;
  }
}

function text({ name, value }: Node): string {
  return String(name ?? value);
}

function* descendants(node: Node): Iterable<Node> {
  yield node;
  for (const value of Object.values(node))
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value])
      if (typeof child === "object" && child !== null && "type" in child) yield* descendants(child as Node);
}

function wordOf(node: Node): string | null {
  if (node.type === "Literal" && typeof node["value"] === "string") return node["value"] || null;
  if (node.type === "TemplateElement") return (node["value"] as { raw: string }).raw || null;
  const key = node[node.type === "MemberExpression" ? "property" : "key"] as Node | undefined;
  return key?.type === "Identifier" && node["computed"] !== true ? `.${text(key)}` : null;
}

function likeness(one: Set<string>, other: Set<string>): number {
  const shared = [...one].filter((word) => other.has(word)).length;
  return shared / Math.max(1, one.size + other.size - shared);
}

/** The published client, as a module for pages. */
function published(): Module {
  const entry = createRequire(import.meta.url).resolve("@gradio/client");
  return new Module(readFileSync(join(dirname(entry), "browser.js"), "utf8"));
}

/** Whether a chunk of Gradio's page contains the client. */
export function hasClient(code: string): boolean {
  return ["get_url_config", "component_server", "wait_for_id"].every((member) => code.includes(member));
}

/**
 * Exchanges the exports of `@gradio/client` in a chunk of Gradio's page for those of another module.
 *
 * The chunk is minified and contains more than the client. Its declarations are found by what they contain, compared with the
 * published client.
 *
 * @param source - address of the other module, which has the exports of `@gradio/client`.
 * @returns the new code of the chunk, and the names that were exchanged.
 */
export function exchangeClient(code: string, source: string): { code: string; names: string[] } {
  const [chunk, client] = [new Module(code), published()];
  // The chunk uses the class of the client itself, and exports the functions.
  const used = [...chunk.names.filter((name) => chunk.isClass(name)), ...chunk.exports.values()];
  const candidates = used.map((name) => ({ name, words: chunk.words(name), isClass: chunk.isClass(name) }));
  // The bundler of the package exports a variable of its own as well.
  const functions = [...client.exports].filter(([exported]) => exported.length > 1);
  const found = functions.flatMap(([exported, local]) => {
    const sought = client.words(local);
    const rated = candidates
      .filter(({ isClass }) => isClass === client.isClass(local))
      .map(({ name, words }) => ({ exported, name, rate: likeness(sought, words) }));
    const best = rated.reduce((first, second) => (second.rate > first.rate ? second : first));
    return best.rate >= SAME ? [best] : [];
  });
  const own = new Map<string, (typeof found)[number]>();
  for (const one of found.toSorted((first, second) => second.rate - first.rate))
    if (!own.has(one.name)) own.set(one.name, one);
  let changed = code;
  const spans = [...own.keys()].map((name) => chunk.declaration(name).id).toSorted((a, b) => b.start - a.start);
  for (const { start, end } of spans)
    changed = `${changed.slice(0, start)}$gradio_${changed.slice(start, end)}${changed.slice(end)}`;
  const names = [...own.values()].map(({ exported, name }) => `${exported} as ${name}`);
  return {
    code: `import{${names.join()}}from${JSON.stringify(source)};\n${changed}`,
    names: [...own.values()].map(({ exported }) => exported),
  };
}
