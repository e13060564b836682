import { parseArgs } from "node:util";
import { type RunningApp, startEmbedded, startGradio } from "../demo/app.ts";

/** Runs an example against the app at an address. Its lines are passed to `print`. */
export type Example = (url: string, print: (line: string) => void) => Promise<void>;

/** The examples, each loaded when it is chosen. */
const examples: Record<string, () => Promise<{ run: Example }>> = {
  "rxjs-cookbook": () => import("./rxjs-cookbook/run.ts"),
  "node-batch": () => import("./node-batch/run.ts"),
};

const USAGE = `npm run example -- <name> [--gradio]

  --gradio   calls real Gradio instead of the app server of @gradio-rx/testing

Examples: ${Object.keys(examples).join(", ")}`;

/** Starts the app, runs the example that the arguments name, and stops the app. Resolves with the exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { gradio: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const [name = "", ...surplus] = positionals;
  const load = Object.hasOwn(examples, name) ? examples[name] : undefined;
  if (values.help || load === undefined || surplus.length > 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const stopping = new AbortController();
  process.once("SIGINT", () => stopping.abort(new Error("interrupted")));
  const app: RunningApp = values.gradio ? await startGradio(stopping.signal) : await startEmbedded();
  try {
    console.log(`${name} calls ${app.name} at ${app.url}\n`);
    const { run } = await load();
    await Promise.race([run(app.url, console.log), aborted(stopping.signal)]);
    return 0;
  } finally {
    await app.stop();
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
