import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { COMPLETION, describeCompletion } from "./program.ts";

/** Adds what shells ask for: the script, and the proposals for a command line that is being typed. */
export function addCompletion(program: Command): void {
  const commands = program.commands as Command[];
  const at = commands.findIndex((command) => command.name() === COMPLETION);
  if (at >= 0) commands.splice(at, 1);
  tab(program, { completionCommandName: COMPLETION });
  const made = commands.find((command) => command.name() === COMPLETION);
  if (made) describeCompletion(made);
}
