import { parseArgs } from "node:util";
import { type RunningApp, startEmbedded, startGradio } from "../demo/app.ts";
import { pages } from "./pages.ts";

/** Runs an example against the app at an address. Its lines are passed to `print`. `startCopy` starts another copy of the app. */
export type Example = (
  url: string,
  print: (line: string) => void,
  startCopy: () => Promise<RunningApp>,
) => Promise<void>;

/** The examples that run in Node, each loaded when it is chosen. */
const programs: Record<string, () => Promise<{ run: Example }>> = {
  "rxjs-cookbook": () => import("./rxjs-cookbook/run.ts"),
  "node-map": () => import("./node-map/run.ts"),
  "node-batch": () => import("./node-batch/run.ts"),
};

const USAGE = `npm run example -- <name> [--gradio]

  --gradio   calls real Gradio instead of the app server of @gradio-rx/testing

Examples in Node:  ${Object.keys(programs).join(", ")}
Examples in a page: ${Object.keys(pages).join(", ")}`;

/** Starts the app, runs the example that the arguments name, and stops the app. Resolves with the exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { gradio: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const [name = "", ...surplus] = positionals;
  const known = Object.hasOwn(programs, name) || Object.hasOwn(pages, name);
  if (values.help || !known || surplus.length > 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort(new Error(signal)));
  const start = (): Promise<RunningApp> => (values.gradio ? startGradio(stopping.signal) : startEmbedded());
  const app = await start();
  try {
    console.log(`${name} calls ${app.name} at ${app.url}\n`);
    if (Object.hasOwn(pages, name)) await show(name, app.url, stopping.signal);
    else {
      const { run } = await programs[name]!();
      await Promise.race([run(app.url, console.log, start), aborted(stopping.signal)]);
    }
    return 0;
  } finally {
    await app.stop();
  }
}

/** Serves a page until the signal is aborted. */
async function show(name: string, app: string, stopping: AbortSignal): Promise<void> {
  const serve = await pages[name]!();
  const page = await serve(app);
  try {
    console.log(`Open ${page.url} in a browser. Ctrl-C stops the example.`);
    await aborted(stopping).catch(() => undefined);
  } finally {
    await page.stop();
  }
}

/** Rejects when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
