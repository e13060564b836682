import { CommanderError } from "commander";
import { errorJson, exitCodeOf, exitCodes, Interruption } from "./exit.ts";
import { hintOf } from "./hints.ts";
import { type Io, isTerminal, style, write } from "./io.ts";
import { buildProgram } from "./program.ts";
import { clean } from "./terminal/clean.ts";

/**
 * Runs the command line to its end.
 *
 * @param argv - the arguments, without Node and the program.
 * @param signal - ends what runs; its reason is an {@link Interruption}.
 * @returns the exit code.
 */
export async function main(argv: readonly string[], io: Io, signal: AbortSignal): Promise<number> {
  let code: number = exitCodes.done;
  const program = buildProgram({ io, signal, onExit: (given) => (code = given) });
  if (argv[0] === "completion" || argv[0] === "complete") (await import("./completion.ts")).addCompletion(program, io);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    if (error instanceof CommanderError && error.code === "commander.help") {
      await write(io.stderr, program.helpInformation());
      return exitCodes.usage;
    }
    // What the abort caused is not told: the user knows the reason.
    const cause: unknown = signal.aborted ? signal.reason : error;
    if (!(cause instanceof CommanderError)) {
      await report(cause, { io, argv, hint: hintOf(cause) });
      return exitCodeOf(cause);
    }
    const named = program.commands.find((command) => [command.name(), ...command.aliases()].includes(argv[0] ?? ""));
    const hint = named
      ? `Run gradio-rx ${named.name()} --help for its arguments and options.`
      : "Run gradio-rx --help for a list of commands.";
    await report(usage(cause), { io, argv, hint });
    return exitCodes.usage;
  }
}

/** The same error in the words of this program. */
function usage(error: CommanderError): Error {
  const message = error.message.replace(/^error: /, "");
  return Object.assign(new Error(message), { name: "UsageError", code: "input" });
}

const DEFECT = "This is a defect of gradio-rx: run the command again with -v, and report what it prints.";

/** Circumstances of an error. */
interface Reported {
  io: Io;
  argv: readonly string[];
  /** Remedy of the error; `""` where its message is enough. */
  hint: string;
}

async function report(error: unknown, { io, argv, hint: given }: Reported): Promise<void> {
  if (error instanceof Interruption && error.silent) return;
  if (argv.includes("--json")) {
    await write(io.stdout, `${JSON.stringify({ type: "error", error: errorJson(error) })}\n`);
    return;
  }
  if (error instanceof Interruption) {
    await write(io.stderr, "Cancelled\n");
    return;
  }
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const isDefect = exitCodeOf(error) === exitCodes.defect;
  const isVerbose = argv.includes("-v") || argv.includes("--verbose");
  const shown = isTerminal(io.stderr) ? clean : (text: string): string => text;
  const hint = isDefect ? DEFECT : given;
  const text = `${style("red", "error:", io.stderr)} ${shown(message).trimEnd()}\n`;
  await write(io.stderr, hint === "" ? text : `${text}${hint}\n`);
  if (isVerbose) await write(io.stderr, `${shown(stack)}\n`);
}
