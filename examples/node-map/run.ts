import { Client } from "@gradio-rx/node";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Example } from "../main.ts";
import { measureFolder } from "./map.ts";

const WIDTH = 30;

/** Draws a bar that stays in its line on a terminal. */
function drawBar(done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const full = Math.round((done / total) * WIDTH);
  process.stderr.write(
    `\r${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${done} of ${total}${done === total ? "\n" : ""}`,
  );
}

/** Measures the files of the folder `reports`. */
export const run: Example = async (url, print) => {
  const client = await Client.connect(url);
  try {
    const output = join(await mkdtemp(join(tmpdir(), "node-map-")), "results.json");
    const rows = await measureFolder(client, fileURLToPath(new URL("reports", import.meta.url)), output, drawBar);
    for (const { file, lines, words, error } of rows) print(`${file}  ${error ?? `${lines} lines, ${words} words`}`);
    print(`\nThe results are in ${output}`);
  } finally {
    await client.close();
  }
};
