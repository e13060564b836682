import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { type Io, write } from "./io.ts";
import { COMPLETION, describeCompletion } from "./program.ts";

/** Adds what shells ask for: the script, and the proposals for a command line that is being typed. */
export function addCompletion(program: Command, io: Io): void {
  const commands = program.commands as Command[];
  const at = commands.findIndex((command) => command.name() === COMPLETION);
  if (at >= 0) commands.splice(at, 1);
  tab(program, { completionCommandName: COMPLETION });
  const made = commands.find((command) => command.name() === COMPLETION);
  if (!made) return;
  describeCompletion(made);
  made.hook("preAction", async (_, { args: [shell] }) => {
    if (shell === "bash") await write(io.stdout, WORDS);
  });
}

/** Function of the package bash-completion that the script for bash calls. Many systems do not have the package. */
const WORDS = `# Defines a function of bash-completion where that package is not installed.
declare -F _get_comp_words_by_ref > /dev/null || _get_comp_words_by_ref() {
    local line=\${COMP_LINE:0:COMP_POINT}
    read -ra words <<< "$line"
    case $line in *[[:space:]]) words+=("") ;; esac
    cword=$((\${#words[@]} - 1))
    cur=\${words[cword]}
    prev=\${words[cword - 1]}
}

`;
