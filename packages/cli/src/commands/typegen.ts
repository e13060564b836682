import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { connect } from "../connect.ts";
import { exitCodes, UsageError } from "../exit.ts";
import { write } from "../io.ts";
import { shellQuote } from "../quote.ts";
import type { CommonOptions, Run } from "../run.ts";
import { differences, hashIn } from "../typegen/check.ts";
import { packageNear } from "../typegen/from.ts";
import { type Module, writeModule } from "../typegen/module.ts";
import { isIdentifier } from "../typegen/text.ts";

/** Options of `typegen`. */
export interface TypegenOptions extends CommonOptions {
  output?: string;
  check?: boolean;
  from?: string;
  name: string;
  choices: boolean;
}

/** Writes TypeScript types of an app's endpoints, or checks those that were written. */
export async function typegen(run: Run<TypegenOptions>, app: string): Promise<number> {
  const { options, io } = run;
  const { output, name, choices } = options;
  if (!isIdentifier(name)) throw new UsageError(`${JSON.stringify(name)} is not a name of a type: write --name Api.`);
  if (options.check && output === undefined) throw new UsageError("--check needs the file: write -o FILE.");
  const from = options.from ?? (await packageNear(output === undefined ? "." : dirname(output)));
  const { client } = await connect(run, app);
  let made: Module;
  try {
    const { endpoints, app: about } = client;
    made = writeModule({ endpoints, title: about.title, app }, { from, name, choices });
  } finally {
    await client.close();
  }
  if (output === undefined) {
    await write(io.stdout, options.json ? `${JSON.stringify({ types: made.text, hash: made.hash })}\n` : made.text);
    return exitCodes.done;
  }
  const before = await contentOf(output);
  const isCurrent = before !== undefined && hashIn(before) === made.hash;
  if (options.check) return await check(run, app, { made, before, isCurrent });
  if (!isCurrent) await save(output, made.text);
  await tell(run, { changed: !isCurrent, text: `${output} ${isCurrent ? "is up to date" : "written"}.` });
  return exitCodes.done;
}

async function check(
  run: Run<TypegenOptions>,
  app: string,
  { made, before, isCurrent }: { made: Module; before: string | undefined; isCurrent: boolean },
): Promise<number> {
  const file = run.options.output!;
  if (isCurrent) {
    await tell(run, { changed: false, text: `${file} is up to date.` });
    return exitCodes.done;
  }
  const command = commandOf(run.options, app);
  const what = before === undefined ? `${file} does not exist.` : `${file} differs from the app:`;
  const lines = before === undefined ? [] : differences(before, made.text);
  if (run.options.json)
    await write(run.io.stdout, `${JSON.stringify({ file, changed: true, differences: lines, command })}\n`);
  else await write(run.io.stderr, `${[what, ...lines, `Run: ${command}`].join("\n")}\n`);
  return exitCodes.no;
}

/** The command that writes the file again. */
function commandOf({ output, from, name, choices }: TypegenOptions, app: string): string {
  const words = ["npx", "gradio-rx", "typegen", app, "-o", output!];
  if (from !== undefined) words.push("--from", from);
  if (name !== "Api") words.push("--name", name);
  if (!choices) words.push("--no-choices");
  return words.map(shellQuote).join(" ");
}

async function contentOf(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new UsageError(`${path} cannot be read: ${error.message}.`);
  });
}

async function save(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}.`);
  }
}

async function tell(
  { io, options }: Run<TypegenOptions>,
  { changed, text }: { changed: boolean; text: string },
): Promise<void> {
  if (options.json) await write(io.stdout, `${JSON.stringify({ file: options.output, changed })}\n`);
  else if (!options.quiet) await write(io.stderr, `${text}\n`);
}
