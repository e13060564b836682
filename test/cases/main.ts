import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Runs each program of programs/ in a process of its own. A program exits with 0 where the SDK behaves as its first line says.

const folder = fileURLToPath(new URL("programs", import.meta.url));
const chosen = process.argv.slice(2);
const programs = readdirSync(folder).filter(
  (file) => file.endsWith(".ts") && (chosen.length === 0 || chosen.includes(file.replace(/\.ts$/, ""))),
);
let failed = 0;
for (const file of programs) {
  const args = ["--conditions=@gradio-rx/source", join(folder, file)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 120_000 });
  process.stdout.write(
    `${status === 0 ? "ok    " : "FAILED"} ${file.replace(/\.ts$/, "")}\n${status === 0 ? "" : stderr}`,
  );
  if (status !== 0) failed++;
}
if (programs.length === 0) process.stderr.write(`There is no program named ${chosen.join(", ")}.\n`);
process.exitCode = failed === 0 && programs.length > 0 ? 0 : 1;
