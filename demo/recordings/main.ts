// Runs the commands of packages/cli/README.md on real Gradio, and writes their output into it. Draws the picture of one of them.
// main.ts PACKED: the folder of the packed packages.
import { readFile, writeFile } from "node:fs/promises";
import { recorded } from "./readme.ts";
import { Stage } from "./stage.ts";
import { svg } from "./svg.ts";

const readme = new URL("../../packages/cli/README.md", import.meta.url);
const picture = new URL("../../packages/cli/terminal.svg", import.meta.url);
const drawn = "gradio-rx call http://127.0.0.1:7860 /write about=Ada";

const stage = await Stage.open(process.argv[2]);
try {
  const run = async (command: string, app: "before" | "after"): Promise<string> => (await stage.run(command, app)).text;
  await writeFile(readme, await recorded(await readFile(readme, "utf8"), run));
  const { frames } = await stage.run(drawn, "after", `$ ${drawn}\r\n`);
  await writeFile(picture, svg(frames, drawn));
} finally {
  await stage.close();
}
