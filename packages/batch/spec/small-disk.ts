import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { makeFolder } from "./setup.ts";

/** A disk of one megabyte, and a shell that sees it. Other processes see an empty folder. */
export interface SmallDisk {
  folder: string;
  /** Runs a command in the shell, and returns its output and exit code. A command in the background ends with the test. */
  run(command: string): Promise<{ code: number; output: string }>;
  /** Makes room. */
  grow(): Promise<void>;
}

/** Waits for a line, executes it, and prints its exit code. It ends with its input, and so with this process. */
const shell = `
  mount -t tmpfs -o size=1m tmpfs "$1" && echo mounted || exit 1
  while read -r line; do eval "$line"; echo "code $?"; done
  [ -z "$!" ] || kill "$!"
`;

/** Mounts a small disk in a namespace of its own, which needs no root. It ends with the test. */
export async function smallDisk(): Promise<SmallDisk> {
  const folder = makeFolder();
  const child = spawn("unshare", ["-rm", "sh", "-c", shell, "sh", folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, "exit");
  });
  const { value } = await lines.next();
  if (value !== "mounted") throw new Error("A small disk could not be mounted. It needs Linux with user namespaces.");
  const run: SmallDisk["run"] = async (command) => {
    child.stdin.write(`${command}\n`);
    const output: string[] = [];
    for (;;) {
      const { value: line, done } = await lines.next();
      if (done) throw new Error(`The shell ended. Its output: ${output.join("\n")}`);
      const code = /^code (\d+)$/.exec(line)?.[1];
      if (code !== undefined) return { code: Number(code), output: output.join("\n") };
      output.push(line);
    }
  };
  const grow = async (): Promise<void> => void (await run(`mount -o remount,size=64m tmpfs ${folder}`));
  return { folder, run, grow };
}
