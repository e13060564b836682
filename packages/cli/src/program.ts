import { Command, Option } from "commander";
import { readFileSync } from "node:fs";
import { UsageError } from "./exit.ts";
import type { Io } from "./io.ts";
import type { CommonOptions, Run } from "./run.ts";

/** Name of the command that prints completion scripts; `completion.ts` implements it. */
export const COMPLETION = "completion";

/** Connections that the commands of the program use. */
export interface Setting {
  io: Io;
  signal: AbortSignal;
  /** Called with the exit code of the command that ran. */
  onExit: (code: number) => void;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Parses a whole number of 1 or more. Throws UsageError. */
function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new UsageError(`${JSON.stringify(text)} is not a whole number of 1 or more.`);
}

/** Operations that `--timeout` limits, in commands where it is not the whole command. */
const LIMITED: Readonly<Record<string, string>> = { mcp: "the connection, and for each call of a tool" };

/** Adds a command: the options of all commands, and examples at the end of its help. */
function add(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(summary)
    .option("--token <token>", "Hub token; default for Spaces: HF_TOKEN, or the Hub's own token file")
    .option("--auth <user:password>", "login of the app; default: GRADIO_AUTH")
    .option("-H, --header <header>", "a header for each request, 'Name: value'; repeatable", collect)
    .option("--timeout <duration>", `limit for ${LIMITED[name] ?? "the whole command"}: 500ms, 30s, 5m, 1h`)
    .option("--json", "write JSON, and nothing to stderr")
    .option("-q, --quiet", "write nothing to stderr but errors")
    .option("-v, --verbose", "write the SDK's messages and the stacks of errors to stderr")
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}

/** Version of this package. */
export function version(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The command line. What a command needs is loaded when it runs. */
export function buildProgram({ io, signal, onExit }: Setting): Command {
  const program = new Command("gradio-rx");
  program
    .description("Calls Gradio apps, generates their types, and serves them to agents.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    // Only the names, as in the help of gh: the descriptions have room beside them.
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.aliases()].join(", ") })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      // Errors are reported by the caller.
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHasColors: () => false,
    })
    .addHelpText("after", `\nAn app is a Space (owner/name) or the URL of any Gradio app.\n\n${EXIT_CODES}`);
  const run = <Options extends CommonOptions>(options: Options): Run<Options> => ({ io, signal, options });
  addCalls(program, run, onExit);
  addBatch(program, run, onExit);
  addDescriptions(program, run, onExit);
  addFiles(program, run, onExit);
  addAgents(program, run, onExit);
  addMigration(program, run, onExit);
  describeCompletion(program.command(COMPLETION).argument("<shell>", "bash, zsh, fish or powershell"));
  return program;
}

/** Adds what the completion's command says of itself. */
export function describeCompletion(command: Command): void {
  command
    .description("print a script that completes commands and options in a shell")
    .addHelpText("after", "\nExamples:\n  $ source <(gradio-rx completion bash)");
}

const EXIT_CODES = `Exit codes:
  0    done
  1    the app raised an error, or a check failed
  2    wrong command line, input or local file
  3    input refused by the app
  4    login or token missing or refused
  5    no connection, or no Gradio app
  6    time limit
  7    queue full, rate limit or quota
  8    file transfer failed
  9    cancelled by the app
  70   defect of gradio-rx
  129  ended by SIGHUP; 130 by Ctrl-C; 143 by SIGTERM
  141  the reader of stdout has gone`;

type MakeRun = <Options extends CommonOptions>(options: Options) => Run<Options>;
type OnExit = Setting["onExit"];

function addCalls(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "call", "call an endpoint and print its result", [
    "gradio-rx call owner/name /translate text='Good morning' target=German",
    "gradio-rx call http://127.0.0.1:7860 /caption image=@cat.png",
    'gradio-rx call http://127.0.0.1:7860 /chat --json \'{"message": "Hello"}\'',
    "cat speech.wav | gradio-rx call owner/whisper /transcribe audio=@-",
  ])
    .alias("predict")
    .argument("<app>", "Space or URL")
    .argument("[endpoint]", "API name, slash optional, or index; may be left out where the app has one")
    .argument("[data...]", "name=text, name=@file, name@=file-with-text, name:=json; or all as JSON; - is stdin")
    .option("--out <dir>", "save the files of the result inside a folder")
    .option("--wait", "wait for room where the app's queue is full")
    .option("--resubmit", "call again where the connection broke: the function may run more than once")
    .option("--session <id>", "continue a session of the app")
    .action(async (app: string, endpoint: string | undefined, data: string[], options: CommonOptions) => {
      const { call } = await import("./commands/call.ts");
      onExit(await call(run(options), app, endpoint === undefined ? [] : [endpoint, ...data]));
    });
}

/** Collects the keys of `--retry`; `true` where none is given. */
function collectKeys(value: string, before: readonly string[] | true | undefined): string[] {
  return [...(before === undefined || before === true ? [] : before), value];
}

function addBatch(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "batch", "call an endpoint once for each line of a file", [
    "gradio-rx batch owner/name /translate texts.jsonl -o translated.jsonl",
    "gradio-rx batch http://127.0.0.1:7860 /caption images.csv --concurrency 8 --out captions",
    "gradio-rx batch http://gpu-1:7860 /caption images.csv -o out.jsonl --app http://gpu-2:7860 --store captions.sqlite",
    "gradio-rx batch http://gpu-3:7860 --store 'redis://127.0.0.1:6379?name=captions' --work",
    "gradio-rx batch --store captions.sqlite --status",
  ])
    .usage("<app> <endpoint> [file] [options]")
    .argument("[app]", "Space or URL")
    .argument("[endpoint]", "API name, slash optional, or index")
    .argument("[file]", "JSON lines, or CSV with a header of parameter names; - is stdin (default)")
    .option("-o, --output <file>", "write the results here, and continue where it exists")
    .option("--concurrency <count>", "maximum number of calls at once (default: 4; 32 with --store)", count)
    .addOption(new Option("--format <format>", "format of the input").choices(["jsonl", "csv"]))
    .option("--out <dir>", "save the files of the results inside a folder")
    .option("--store <store>", "SQLite file, or redis://…?name=NAME for several processes; needs @gradio-rx/batch")
    .option("--app <app>", "another copy of the app; repeatable (with --store)", collect)
    .option("--key <field>", "field of each line or row that is its key; default: a hash of it (with --store)")
    .option("--errors <file>", "write the failures here instead of to the output (with --store)")
    .option("--work", "run inputs of a batch that another process feeds, until it is stopped (with --store redis://…)")
    .option("--status", "print the numbers of a batch, also of one that runs (with --store)")
    .addOption(
      new Option("--retry [key]", "run dead letters again: all, or those of keys; repeatable (with --store)").argParser(
        collectKeys,
      ),
    )
    .action(async (app: string, endpoint: string, file: string, options: CommonOptions) => {
      const { batch } = await import("./commands/batch.ts");
      onExit(await batch(run(options), { app, endpoint, file }));
    });
}

function addDescriptions(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "info", "print what an app's endpoints take and give", [
    "gradio-rx info owner/name",
    "gradio-rx info http://127.0.0.1:7860 /translate",
  ])
    .argument("<app>", "Space or URL")
    .argument("[endpoint]", "API name, slash optional, or index")
    .action(async (app: string, endpoint: string | undefined, options: CommonOptions) => {
      const { info } = await import("./commands/info.ts");
      onExit(await info(run(options), app, endpoint));
    });
  add(program, "typegen", "write TypeScript types of an app's endpoints", [
    "gradio-rx typegen owner/name -o src/api.ts",
    "gradio-rx typegen owner/name -o src/api.ts --check",
  ])
    .argument("<app>", "Space or URL")
    .option("-o, --output <file>", "write the types here instead of stdout")
    .option("--check", "write nothing; exit with 1 where the file differs from the app")
    .option("--from <package>", "package to import the SDK's types from; default: the one in the nearest package.json")
    .option("--name <name>", "name of the interface", "Api")
    .option("--no-choices", "write plain types in place of unions of choices")
    .action(async (app: string, options: CommonOptions & { name: string; choices: boolean }) => {
      const { typegen } = await import("./commands/typegen.ts");
      onExit(await typegen(run(options), app));
    });
  add(program, "doctor", "check an app and the way to it, without running any of its functions", [
    "gradio-rx doctor owner/name",
    "gradio-rx doctor https://gradio.example.com/app --origin https://www.example.com",
  ])
    .argument("<app>", "Space or URL")
    .option("--origin <url>", "origin of a page that is to call the app")
    .action(async (app: string, options: CommonOptions) => {
      const { doctor } = await import("./commands/doctor.ts");
      onExit(await doctor(run(options), app));
    });
}

function addAgents(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "mcp", "serve an app's endpoints as tools to agents, over MCP on stdin and stdout", [
    "gradio-rx mcp owner/name",
    "gradio-rx mcp owner/one owner/two --only /generate,/caption --files pictures --out generated",
  ])
    .argument("<app...>", "Spaces or URLs")
    .option("--only <names>", "names of the endpoints, with commas in between; default: all")
    .option("--files <dir>", "folder whose files the agent may send to the app; default: none")
    .option("--out <dir>", "save the files of results inside a folder")
    .action(async (apps: string[], options: CommonOptions) => {
      const { mcp } = await import("./commands/mcp.ts");
      onExit(await mcp(run(options), apps));
    });
}

function addFiles(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "upload", "upload files, and print a file of the app for each", [
    "gradio-rx upload http://127.0.0.1:7860 cat.png dog.png",
  ])
    .argument("<app>", "Space or URL")
    .argument("<file...>", "paths; - is stdin")
    .action(async (app: string, files: string[], options: CommonOptions) => {
      const { upload } = await import("./commands/upload.ts");
      onExit(await upload(run(options), app, files));
    });
  add(program, "download", "download files of an app, and print their paths", [
    "gradio-rx download owner/name https://owner-name.hf.space/gradio_api/file=/tmp/gradio/cat.png --out pictures",
  ])
    .argument("<app>", "Space or URL")
    .argument("<file...>", "URLs, paths on the server, or files as upload prints them")
    .option("--out <dir>", "folder to write into", ".")
    .action(async (app: string, files: string[], options: CommonOptions & { out: string }) => {
      const { download } = await import("./commands/download.ts");
      onExit(await download(run(options), app, files));
    });
}

function addMigration(program: Command, run: MakeRun, onExit: OnExit): void {
  add(program, "migrate", "change programs that use @gradio/client, and report what has to be changed by hand", [
    "gradio-rx migrate",
    "gradio-rx migrate src --platform web --app owner/name --write",
  ])
    .argument("[paths...]", "files and folders; default: this folder")
    .option("--write", "write the files instead of printing a diff")
    .addOption(
      new Option(
        "--platform <platform>",
        "import @gradio-rx/node or @gradio-rx/web; default: import @gradio-rx/client, which chooses between them",
      ).choices(["node", "web"]),
    )
    .option("--app <app>", "Space or URL of the app that the programs call: the number of outputs of its endpoints")
    .action(async (paths: string[], options: CommonOptions) => {
      const { migrate } = await import("./commands/migrate.ts");
      onExit(await migrate(run(options), paths));
    });
}
