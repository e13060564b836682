// Types keys in an interactive bash on a terminal, and prints what the terminal shows: keys LINE… where <Tab> is that key. A line whose
// last key is Tab is erased after the shell has answered; any other one is run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Screen } from "../../test/cli/screen.ts";

const ERASE = "\u0015";
const terminal = fileURLToPath(new URL("../../test/cli/terminal.py", import.meta.url));
const keys = process.argv.slice(2).map((line) => line.replaceAll("<Tab>", "\t"));
const typed = keys.map((line) => (line.endsWith("\t") ? `${line}${ERASE}` : `${line}\n`)).join("");

const child = spawn("python3", [terminal, "in,out,err", "bash", "--noprofile", "--norc", "-i"], {
  stdio: ["pipe", "pipe", "inherit", "ignore"],
});
const screen = new Screen();
child.stdout!.setEncoding("utf8").on("data", (text: string) => screen.write(text));
await once(child.stdout!, "data");
child.stdin!.write(`${typed}exit\n`);
await once(child, "close");
const lines = screen.text.split("\n").map((line) => line.trimEnd().replace(/^bash-[\d.]+[$#]/, "$"));
process.stdout.write(`${lines.slice(0, lines.lastIndexOf("$ exit")).join("\n")}\n`);
