import ts from "@typescript/typescript6";
import type { limits } from "./limits.ts";
import { docComments, filesOf, lineOf, linesOf, nodesOf, parse, type TextFile } from "./syntax.ts";
import { beginsWithClause } from "./words.ts";

/** One file with its syntax tree. */
interface Parsed extends TextFile {
  tree: ts.SourceFile;
  nodes: ts.Node[];
  lines: number;
}

/** A function, with its length in lines. */
export interface LongFunction {
  at: string;
  lines: number;
}

/** Figures of the sources, without specs. */
export interface Figures {
  /** `new Observable` in core. */
  observables: string[];
  /** Fields in `protocol/` that change, as `Class.field`. */
  mutable: string[];
  /** `import()` in core, web and node. */
  imports: string[];
  files: number;
  /** Files of core with 40 lines or fewer. */
  small: string[];
  p90: number;
  longest: { path: string; lines: number };
  function: LongFunction;
  /** Doc comments in core, web and node. */
  comments: number;
  /** Those that begin with a relative or interrogative clause. */
  clauses: number;
  /** Lines of each folder of each package. */
  rooms: Array<{ name: string; lines: number; share: number }>;
}

const isSource = ({ path }: TextFile): boolean => path.includes("/src/") && !path.endsWith(".spec.ts");

function parsed(packages: readonly string[]): Parsed[] {
  return filesOf(packages.map((name) => `packages/${name}`))
    .filter(isSource)
    .map((file) => {
      const tree = parse(file);
      return { ...file, tree, nodes: Array.from(nodesOf(tree)), lines: file.text.trimEnd().split("\n").length };
    });
}

/** Folders of core with an entry of their own, or loaded on demand: a reader who follows a call does not open them. */
const besides = ["controller", "operators", "query", "raw", "relay", "tools"];

/** Whether a file of core belongs to the client itself. */
const isClient = ({ path }: TextFile): boolean => !besides.some((folder) => path.includes(`/core/src/${folder}/`));

/** Reads the sources of the packages, and counts. */
export function figures(): Figures {
  const core = parsed(["core"]);
  const product = [...core, ...parsed(["web", "node"])];
  const lengths = core.map(({ lines }) => lines).toSorted((a, b) => a - b);
  const longest = core.reduce((most, file) => (file.lines > most.lines ? file : most));
  const assigned = new Set(core.flatMap(({ nodes }) => nodes.filter(ts.isBinaryExpression).flatMap(targetOf)));
  const comments = product.flatMap((file) => docComments(file.tree));
  return {
    observables: find(core, (node) => ts.isNewExpression(node) && node.expression.getText() === "Observable"),
    mutable: core.filter(({ path }) => path.includes("/protocol/")).flatMap((file) => mutableFields(file, assigned)),
    imports: find(product, (node) => ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword),
    files: core.filter(isClient).length,
    small: core.filter((file) => isClient(file) && file.lines <= 40).map(({ path }) => path),
    p90: lengths[Math.ceil(lengths.length * 0.9) - 1]!,
    longest: { path: longest.path, lines: longest.lines },
    function: product.flatMap(functions).reduce((most, one) => (one.lines > most.lines ? one : most)),
    comments: comments.length,
    clauses: comments.filter(({ text }) => beginsWithClause(text)).length,
    rooms: rooms(parsed(["core", "web", "node", "testing"])),
  };
}

/** `path:line` of each node that fits. */
function find(files: readonly Parsed[], fits: (node: ts.Node) => boolean): string[] {
  return files.flatMap(({ path, tree, nodes }) =>
    nodes.filter(fits).map((node) => `${path}:${lineOf(tree, node.getStart())}`),
  );
}

/** Objects that are changed in place, whatever holds them. */
const collections = new Set(["Map", "Set", "WeakMap", "WeakSet", "Array"]);

/**
 * Fields of a file that change: fields of classes that are not `readonly` or hold a collection, members of interfaces that are
 * not `readonly` and either hold a collection or have a name that core assigns to, and `let` outside of functions.
 *
 * @param assigned - names of properties that some file of core assigns to.
 */
function mutableFields({ path, nodes }: Parsed, assigned: ReadonlySet<string>): string[] {
  const found = nodes.flatMap((node) => {
    if (ts.isPropertyDeclaration(node)) return changes(node) ? [`${ownerOf(node)}.${node.name.getText()}`] : [];
    if (ts.isPropertySignature(node) && ts.isInterfaceDeclaration(node.parent))
      return holdsCollection(node.type) || (!isReadonly(node) && assigned.has(node.name.getText()))
        ? [`${ownerOf(node)}.${node.name.getText()}`]
        : [];
    const isModuleLet =
      ts.isVariableStatement(node) && ts.isSourceFile(node.parent) && node.declarationList.flags & ts.NodeFlags.Let;
    return isModuleLet ? node.declarationList.declarations.map(({ name }) => name.getText()) : [];
  });
  return found.map((name) => `${path.replace(/^.*\/src\//, "")} ${name}`);
}

function changes(node: ts.PropertyDeclaration): boolean {
  const { initializer } = node;
  if (!isReadonly(node)) return true;
  if (!initializer || !ts.isNewExpression(initializer)) return false;
  return collections.has(initializer.expression.getText());
}

function holdsCollection(type: ts.TypeNode | undefined): boolean {
  return type !== undefined && ts.isTypeReferenceNode(type) && collections.has(type.typeName.getText());
}

function isReadonly(node: ts.PropertyDeclaration | ts.PropertySignature): boolean {
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword) ?? false;
}

/** Name of the property that an expression assigns to, but for properties of `this`: those are fields of a class. */
function targetOf({ left, operatorToken }: ts.BinaryExpression): string[] {
  const { kind } = operatorToken;
  const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
  if (!assigns || !ts.isPropertyAccessExpression(left)) return [];
  return left.expression.kind === ts.SyntaxKind.ThisKeyword ? [] : [left.name.text];
}

function ownerOf({ parent }: ts.Node): string {
  const named = ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent);
  return (named && parent.name?.text) || "(unnamed)";
}

function functions({ path, tree, nodes }: Parsed): LongFunction[] {
  return nodes
    .filter((node) => ts.isFunctionLike(node) && "body" in node && node.body !== undefined)
    .map((node) => ({ at: `${path}:${lineOf(tree, node.getStart())}`, lines: linesOf(tree, node) }));
}

/** Folders of the packages, the largest first; files beside them count as the package's own folder. */
function rooms(files: readonly Parsed[]): Figures["rooms"] {
  const lines = new Map<string, number>();
  for (const file of files) {
    const [, name, , ...inside] = file.path.split("/");
    const room = [name, ...inside.slice(0, -1).slice(0, 1)].join("/");
    lines.set(room, (lines.get(room) ?? 0) + file.lines);
  }
  const whole = files.reduce((sum, file) => sum + file.lines, 0);
  return Array.from(lines, ([name, count]) => ({ name, lines: count, share: count / whole })).toSorted(
    (a, b) => b.lines - a.lines,
  );
}

/** The figures that have a limit, by its name in `limits.ts`. */
export function valuesOf(found: Figures): Record<Exclude<keyof typeof limits, "down" | "back">, number> {
  return {
    observables: found.observables.length,
    mutable: found.mutable.length,
    imports: found.imports.length,
    files: found.files,
    small: found.small.length,
    p90: found.p90,
    longest: found.longest.lines,
    function: found.function.lines,
    clauses: (100 * found.clauses) / found.comments,
    room: 100 * found.rooms[0]!.share,
  };
}
