// One sample: `node sample.js <name> <adapter> <params as JSON>`. Prints its figures in its last line.
import type { AdapterName } from "../adapters/adapter.ts";
import { load } from "../adapters/load.ts";
import { measure } from "./measure.ts";
import { ofCalls } from "./calls.ts";
import { ofFiles } from "./files.ts";
import type { Figures, Params } from "./sample.ts";
import { ofStreams } from "./streams.ts";

const [name = "", adapter = "", params = "{}"] = process.argv.slice(2);

/** Modules that a user of each adapter imports. */
const imports: { [Name in AdapterName]?: () => Promise<unknown> } = {
  ours: () => import("@gradio-rx/node"),
  floor: () => import("../adapters/minimum.ts"),
  js: () => import("@gradio/client"),
};

async function run(): Promise<Figures> {
  const who = adapter as Exclude<AdapterName, "py">;
  if (name === "import") {
    // Applications import RxJS, too: its import is not counted.
    if (who === "ours") await import("rxjs");
    const { cpu } = await measure(imports[who]!);
    return { cpu: cpu / 1_000 };
  }
  const { connect } = await load(who);
  const given = JSON.parse(params) as Params;
  return await { ...ofCalls, ...ofStreams, ...ofFiles }[name]!(() => connect(given.url), given);
}

const figures = await run();
process.stdout.write(`\nfigures ${JSON.stringify(figures)}\n`);
