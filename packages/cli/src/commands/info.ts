import type { AppInfo, EndpointInfo, JsonSchema, ParameterInfo, ReturnInfo } from "@gradio-rx/node";
import { connect } from "../connect.ts";
import { exampleCommand } from "../data/example.ts";
import { endpointOf } from "../data/read.ts";
import { kindsOf } from "../data/values.ts";
import { exitCodes, UsageError } from "../exit.ts";
import { listed } from "../listed.ts";
import { isTerminal, type Output, style, write } from "../io.ts";
import type { Run } from "../run.ts";
import { cleanLine } from "../terminal/clean.ts";
import { columnsOf, padTo, widthOf, wrap } from "../terminal/layout.ts";

/** Prints what an app's endpoints take and give, each with a command that calls it. */
export async function info(run: Run, app: string, named: string | undefined): Promise<number> {
  const { io, options } = run;
  const { client } = await connect(run, app);
  try {
    const { endpoints } = client;
    const only = named === undefined ? undefined : endpointOf(client, named);
    if (named !== undefined && !only)
      throw new UsageError(
        `The app lists no endpoint ${JSON.stringify(named)}. It has: ${listed(endpoints.map(({ name }) => name))}.`,
      );
    const shown = only ? [only] : endpoints;
    const commands = shown.map((endpoint) => ({ ...endpoint, command: exampleCommand(app, endpoint) }));
    const text = options.json
      ? JSON.stringify({ app: client.app, endpoints: commands })
      : page(client.app, commands, io.stdout);
    await write(io.stdout, `${text}\n`);
    return exitCodes.done;
  } finally {
    await client.close();
  }
}

/** The endpoints as text for a person. */
function page(app: AppInfo, endpoints: readonly (EndpointInfo & { command: string })[], stdout: Output): string {
  const columns = columnsOf(stdout);
  const say = isTerminal(stdout) ? cleanLine : (text: string): string => text.replaceAll(/\s+/g, " ").trim();
  const parts = endpoints.map((endpoint) => {
    const { name, description, parameters, returns, generator, command } = endpoint;
    const head = style("bold", say(name), stdout) + (description === "" ? "" : `  ${say(description)}`);
    const takes = parameters.map((parameter, at) => parameterRow(parameter, at).map(say));
    const gives = returns.map((output) => returnRow(output).map(say));
    return [
      wrap(head, columns, 2),
      ...section("takes", takes, columns),
      ...section(generator ? "gives (streamed)" : "gives", gives, columns),
      // It is not broken into lines: it is there to be pasted.
      `  ${style("dim", isTerminal(stdout) ? cleanLine(command) : command, stdout)}`,
    ].join("\n");
  });
  const title = `${say(app.title ?? app.url)}  ${say(app.url)}  Gradio ${say(app.version)}`;
  return [wrap(title, columns, 2), ...parts].join("\n\n");
}

/** Rows in columns. The last cell of a row that is too wide for the terminal stands below the others. */
function section(name: string, rows: readonly (readonly string[])[], columns: number): string[] {
  if (rows.length === 0) return [`  ${name} nothing`];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => widthOf(row[column]!))));
  const lines = rows.map((row) => {
    const line = `    ${row.map((cell, column) => padTo(cell, widths[column] ?? 0)).join("  ")}`.trimEnd();
    if (widthOf(line) <= columns) return line;
    const [called, type, about = ""] = row;
    const head = wrap(`    ${padTo(called!, widths[0]!)}  ${type}`, columns, 6);
    return about === "" ? head : `${head}\n${wrap(`      ${about}`, columns, 6)}`;
  });
  return [`  ${name}`, ...lines];
}

function parameterRow(
  { name, label, component, help, hasDefault, default: value, ...rest }: ParameterInfo,
  at: number,
): string[] {
  const called = name ?? String(at);
  const about = [
    hasDefault ? `default ${brief(value)}` : "",
    label === called ? "" : label,
    help ?? "",
    bounds(rest),
  ].filter((part) => part !== "");
  return [called, typeName({ component, ...rest }), about.join("; ")];
}

function returnRow({ label, component, type, file }: ReturnInfo): string[] {
  return [label, typeName({ component, type, file, choices: null, openChoices: false })];
}

/** `text`, `number`, `file`, `"a" | "b"`, or the component's name. */
function typeName(of: Pick<ParameterInfo, "component" | "type" | "file" | "choices" | "openChoices">): string {
  if (of.file === "one" || of.file === "many") return `${of.file === "one" ? "file" : "files"} (${of.component})`;
  if (of.choices) {
    const known = of.choices.slice(0, 10).map(({ value }) => JSON.stringify(value));
    const more = of.choices.length > 10 || of.openChoices ? [...known, "…"] : known;
    return kindsOf(of.type).includes("array") ? `list of ${more.join(" | ")}` : more.join(" | ");
  }
  return `${jsonName(of.type)} (${of.component})`;
}

function jsonName(type: JsonSchema): string {
  const names: Readonly<Record<string, string>> = { string: "text", array: "list" };
  return [...new Set(kindsOf(type).map((kind) => names[kind] ?? kind))].join(" or ") || "JSON";
}

function bounds({ minimum, maximum }: Pick<ParameterInfo, "minimum" | "maximum">): string {
  if (minimum !== null && maximum !== null) return `${minimum} to ${maximum}`;
  if (minimum !== null) return `at least ${minimum}`;
  return maximum === null ? "" : `at most ${maximum}`;
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
