import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "@typescript/typescript6";
import { expect, test, vi } from "vitest";
import { root } from "./sources.ts";

// The compiler takes seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const file = join(root, "test/house/typed-client-example.ts");
const source = `import type { Client } from "../../packages/node/src/index.ts";
interface Api {
  "/calc": { input: { a: number; unit?: "cm" }; args: [a: number, unit?: "cm"]; output: [text: string] };
  "/ping": { args: []; output: null };
}
export const typed = (client: Client<Api>) => [
  client.predict("/calc", { a: 1 }),
  client.submit("/calc", { a: 1 }),
  client.observe("/calc", { a: 1 }),
];
export const slips = (client: Client<Api>, untyped: Client) => [
  client.predict("/clac", { a: 1 }),
  client.predict("/calc", { b: 1 }),
  untyped.predict("/calc", new Blob([])),
];
`;

/** An editor's view of the example, on the packages' sources. */
const editor = ts.createLanguageService({
  getScriptFileNames: () => [file],
  getScriptVersion: () => "1",
  getScriptSnapshot: (path) => {
    const text = path === file ? source : ts.sys.fileExists(path) ? readFileSync(path, "utf8") : undefined;
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => root,
  getCompilationSettings: () => ({
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts"],
    module: ts.ModuleKind.NodeNext,
    customConditions: ["@gradio-rx/source"],
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ["node"],
  }),
  getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  fileExists: (path) => path === file || ts.sys.fileExists(path),
  readFile: (path) => ts.sys.readFile(path),
  readDirectory: (...given) => ts.sys.readDirectory(...given),
  directoryExists: (path) => ts.sys.directoryExists(path),
});

/** Text that an editor shows for a name in the example. */
function hover(call: string): string {
  const shown = editor.getQuickInfoAtPosition(file, source.indexOf(call) + call.indexOf(".") + 1);
  return ts.displayPartsToString(shown?.displayParts).replaceAll(/\s+/g, " ");
}

/** Names that an editor proposes at the first place where the text stands. */
function proposed(before: string): string[] {
  const at = source.indexOf(before) + before.length;
  return (editor.getCompletionsAtPosition(file, at, {})?.entries ?? []).map(({ name }) => name);
}

test.each(["predict", "submit", "observe"])(
  "an editor shows the fields that %s takes, and no alias",
  { timeout: 60_000 },
  (name) => {
    const shown = hover(`client.${name}("/calc"`);
    expect(shown).toContain('endpoint: "/calc", data: { a: number; unit?: "cm"; } | [a: number, unit?: "cm"]');
    expect(shown).not.toMatch(/DataOf|NamedCall|NameOf/);
  },
);

test("an editor proposes the endpoints, and the fields of their data", () => {
  expect(proposed('client.predict("')).toEqual(expect.arrayContaining(["/calc", "/ping"]));
  expect(proposed('client.predict("/calc", { ')).toContain("a");
});

test("the compiler says which names and which fields are right", () => {
  const said = editor
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  expect(said).toEqual([
    expect.stringContaining(`'"/clac"' is not assignable to parameter of type '"/calc" | "/ping" | "calc" | "ping"'`),
    expect.stringContaining(`'b' does not exist in type '{ a: number; unit?: "cm"; } | [a: number`),
    expect.stringContaining("Argument of type 'Blob' is not assignable to parameter of type 'CallData"),
  ]);
});
