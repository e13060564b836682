import { readFileSync } from "node:fs";
import { format } from "oxfmt";
import ts from "typescript";

/** One table of the page of options. */
interface Table {
  heading: string;
  /** Interface that declares the options. */
  type: string;
  /** File of the interface, from the folder of the packages. */
  file: string;
}

const tables: readonly Table[] = [
  { heading: "Client.connect", type: "ConnectOptions", file: "core/src/options.ts" },
  { heading: "Client.connect in Node", type: "NodeConnectOptions", file: "node/src/client.ts" },
  { heading: "Client.connect in browsers", type: "WebConnectOptions", file: "web/src/client.ts" },
  { heading: "A call", type: "CallOptions", file: "core/src/options.ts" },
  { heading: "map", type: "MapOptions", file: "core/src/options.ts" },
  { heading: "retry", type: "RetryOptions", file: "core/src/options.ts" },
  { heading: "limits", type: "LimitOptions", file: "core/src/options.ts" },
  { heading: "upload and download", type: "TransferOptions", file: "core/src/options.ts" },
  { heading: "downloadFiles", type: "DownloadFilesOptions", file: "node/src/client.ts" },
];

const introduction = `# Options

All durations are in milliseconds. An option whose value is \`undefined\` counts as left out. An unknown option is an \`InputError\` that
names the closest one. \`client.withOptions(options)\` returns a client with other defaults for the options of a call.

\`map\` takes the options of a call, too.
`;

/** Returns the page of options, from the doc comments of the packages, in the format of the repository. */
export async function optionsPage(): Promise<string> {
  const { code } = await format("options.md", [introduction, ...tables.map(sectionOf)].join("\n"));
  return code;
}

function sectionOf({ heading, type, file }: Table): string {
  const text = readFileSync(new URL(`../packages/${file}`, import.meta.url), "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const declaration = tree.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === type);
  if (!declaration || !ts.isInterfaceDeclaration(declaration)) throw new Error(`${file} has no interface ${type}.`);
  const rows = declaration.members.filter(ts.isPropertySignature).map((member) => rowOf(member, tree));
  return [`## ${heading}`, "", "| option | type | meaning |", "| --- | --- | --- |", ...rows, ""].join("\n");
}

function rowOf(member: ts.PropertySignature, tree: ts.SourceFile): string {
  const type =
    member.type
      ?.getText(tree)
      .replaceAll(/\s+/g, " ")
      .replace(/ \| undefined$/, "") ?? "";
  const comment = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc).at(-1)?.comment;
  const text = (ts.getTextOfJSDocComment(comment) ?? "").replaceAll(/\s+/g, " ");
  // A link to a declaration becomes its name.
  const meaning = text.replaceAll(/\{@link ([\w.]+)\}/g, "`$1`");
  return `| ${[`\`${member.name.getText(tree)}\``, `\`${type}\``, meaning].map(escape).join(" | ")} |`;
}

const escape = (cell: string): string => cell.replaceAll("|", "\\|");
