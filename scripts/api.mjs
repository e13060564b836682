// Writes the API reports, or compares them: `node scripts/api.mjs [--check]`. API Extractor makes the report of each entry from the
// built declarations. The report of the command line is its help.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import { entriesOf, publishedPackages } from "./manifests.mjs";
import { cache, root } from "./process.mjs";
import { compareReports, explain } from "./reports.mjs";

/** Options of the compiler that reads the declarations: those of a user who compiles for pages and for Node. */
const compilerOptions = {
  target: "es2022",
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(root, "node_modules", "@types")],
};

/** Returns the declaration files that users' compilers read in ES modules, each with its package. */
function declarations() {
  return publishedPackages().flatMap((one) => {
    const files = new Set(entriesOf(one.manifest).flatMap(({ types }) => types));
    return Array.from(files)
      .filter((file) => file.endsWith(".d.ts"))
      .map((file) => ({ ...one, entry: basename(file, ".d.ts"), file: join(one.folder, file) }));
  });
}

/** Returns the configuration of API Extractor for one entry of a package. */
function configure({ name, folder, entry, file }, files, output) {
  const reportFolder = join(output, name);
  mkdirSync(reportFolder, { recursive: true });
  const off = { logLevel: ExtractorLogLevel.None };
  // Other entries share types with the main entry, which exports most of them.
  const forgotten = { logLevel: ExtractorLogLevel.None, addToApiReportFile: entry === "index" };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: file,
      newlineKind: "lf",
      compiler: { overrideTsconfig: { compilerOptions, files } },
      apiReport: {
        enabled: true,
        reportFileName: entry,
        reportFolder,
        reportTempFolder: join(cache, "api", "temp", name),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: { default: off, "ae-forgotten-export": forgotten },
        tsdocMessageReporting: { default: off },
      },
    },
    packageJsonFullPath: join(folder, "package.json"),
  });
}

/** Writes the report of each entry of the libraries. */
function reportLibraries(output) {
  const entries = declarations();
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) throw new Error(`${missing[0].file} does not exist: run \`npm run build\` first.`);
  const files = entries.map(({ file }) => file);
  const configs = entries.map((entry) => configure(entry, files, output));
  const compilerState = CompilerState.create(configs[0], { additionalEntryPoints: files });
  for (const config of configs) {
    const problems = [];
    const messageCallback = (message) => {
      message.handled = true;
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
    };
    Extractor.invoke(config, { localBuild: true, compilerState, messageCallback });
    // Positions in the build change with every comment.
    const text = readFileSync(config.reportFilePath, "utf8");
    writeFileSync(config.reportFilePath, text.replaceAll(/^(\/\/ dist\/\S+?):\d+:\d+ /gm, "$1 "));
    if (problems.length > 0) throw new Error(`${config.mainEntryPointFilePath}:\n${problems.join("\n")}`);
  }
}

/** Writes the report of the command line: the help of the program and of each command. */
function reportCommandLine(output) {
  const program = join(root, "packages", "cli", "dist", "bin.js");
  const help = (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
    if (status !== 0) throw new Error(`gradio-rx ${args.join(" ")} failed with exit code ${status}:\n${stderr}`);
    return stdout.trimEnd();
  };
  const overview = help("--help");
  const [, commands = ""] = /^Commands:\n((?: +.*\n)+)/m.exec(overview) ?? [];
  const names = Array.from(commands.matchAll(/^ {2}(\w+)/gm), ([, name]) => name).filter((name) => name !== "help");
  if (names.length === 0) throw new Error(`The help of gradio-rx lists no commands:\n${overview}`);
  const pages = [overview, ...names.map((name) => help("help", name))];
  const text = [
    '## API Report File for the command line of "gradio-rx"',
    ...pages.map((page) => `\`\`\`\n${page}\n\`\`\``),
  ];
  mkdirSync(join(output, "cli"), { recursive: true });
  writeFileSync(join(output, "cli", "commands.api.md"), `${text.join("\n\n")}\n`);
}

/** Writes or compares the reports. Returns whether they are as they should be. */
function main() {
  const { values } = parseArgs({ options: { check: { type: "boolean" } } });
  const output = join(cache, "api", "reports");
  rmSync(output, { recursive: true, force: true });
  reportLibraries(output);
  reportCommandLine(output);
  const stored = join(root, "api");
  const patches = compareReports(stored, output);
  if (patches.length === 0) {
    console.log("The API reports in api/ are those of the build.");
    return true;
  }
  if (values.check) {
    console.log(explain(patches));
    return false;
  }
  rmSync(stored, { recursive: true, force: true });
  cpSync(output, stored, { recursive: true });
  console.log(`Updated ${patches.length} API reports. Read the difference: git diff api`);
  return true;
}

process.exitCode = main() ? 0 : 1;
