// Blocks of a README that are recordings. In a block of the language `console`, each line that starts with `$ ` is a command, and the
// lines after it are what the command left on the terminal. A comment `<!-- output of: COMMAND -->` before any other block makes the
// block the output of that command. A comment `<!-- app: NAME -->` names the app that the commands after it call.

import type { AppName } from "./stage.ts";

/** Text of a README between two recordings, or a recording. */
type Part = string | Recording;

/** A block of a README that is made from commands. */
export interface Recording {
  /** Name of the app that runs meanwhile. */
  app: AppName;
  /** Whether the block shows the commands. */
  isConsole: boolean;
  language: string;
  commands: readonly string[];
}

const block =
  /<!-- app: (?<app>before|after) -->|(?:<!-- output of: (?<hidden>[^\n]+) -->\n\n)?```(?<language>\w*)\n(?<content>[^]*?)```\n/g;

/** Splits a README into its text and its recordings. */
export function partsOf(readme: string): Part[] {
  const parts: Part[] = [];
  let app: AppName = "after";
  let end = 0;
  for (const { index, 0: whole, groups = {} } of readme.matchAll(block)) {
    app = (groups["app"] as AppName | undefined) ?? app;
    const { hidden, language, content = "" } = groups;
    const isConsole = language === "console";
    if (language === undefined || (!isConsole && hidden === undefined)) continue;
    parts.push(readme.slice(end, index));
    parts.push({ app, isConsole, language, commands: isConsole ? commandsOf(content) : [hidden!] });
    end = index + whole.length;
  }
  return [...parts, readme.slice(end)];
}

/** Returns the commands of a block. A line that ends with a backslash continues on the next one. */
function commandsOf(content: string): string[] {
  const commands = content.matchAll(/^\$ ((?:[^\n]*\\\n)*[^\n]*)$/gm);
  return [...commands].map(([, command]) => command!);
}

/** Returns a README with new outputs of its recordings. */
export async function recorded(
  readme: string,
  run: (command: string, app: AppName) => Promise<string>,
): Promise<string> {
  let text = "";
  for (const part of partsOf(readme)) text += typeof part === "string" ? part : await blockOf(part, run);
  return text;
}

async function blockOf(recording: Recording, run: Parameters<typeof recorded>[1]): Promise<string> {
  const { app, isConsole, language, commands } = recording;
  let content = "";
  for (const command of commands) {
    const output = await run(command, app);
    content += isConsole ? `$ ${command}\n${output}` : output;
  }
  const comment = isConsole ? "" : `<!-- output of: ${commands[0]} -->\n\n`;
  return `${comment}\`\`\`${language}\n${content}\`\`\`\n`;
}
