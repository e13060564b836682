import { once } from "node:events";
import { Client, type Untyped } from "@gradio-rx/node";
import type { DemoApi } from "./api.ts";
import { type RunningApp, startEmbedded, startGradio } from "./app.ts";
import { HELP, readArguments, type Command } from "./arguments.ts";
import { callEndpoint, listEndpoints } from "./call.ts";
import { duration } from "./duration.ts";
import { formatError } from "./format.ts";
import { playScenes } from "./play-scenes.ts";
import { drawing, LiveLines, onOutputClosed, paint, paragraph, print, restore } from "./terminal.ts";

const INTERRUPTED = 130;

const stopping = new AbortController();

/** Runs the demo as the options say; resolves with the exit code. */
async function main(command: Command): Promise<number> {
  if (command.kind === "scenes") return await showScenes(command.app, command.place);
  if (command.kind === "help") print(HELP);
  else if (command.kind === "list") await withClient(command.address, async (client) => listEndpoints(client));
  else await withClient(command.address, (client) => callEndpoint(client, command.endpoint, command.data));
  return 0;
}

/** Connects, and closes the client in any case. */
async function withClient<Api extends object = Untyped>(
  address: string,
  use: (client: Client<Api>) => Promise<void>,
): Promise<void> {
  const client = await Client.connect<Api>(address, { signal: stopping.signal });
  const close = (): void => void client.close();
  stopping.signal.addEventListener("abort", close);
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

/** Starts the app, and shows the scenes on the terminal or in a page. */
async function showScenes(choice: "gradio" | "embedded" | "any", place: "terminal" | "web"): Promise<number> {
  print(`${paint("bold", "gradio-rx")}, a TypeScript client for Gradio apps`);
  const app = await startApp(choice);
  try {
    print(...paragraph(`The app: ${app.name} at ${app.url}`, "dim"), "");
    return place === "web" ? await servePages(app) : await play(app);
  } finally {
    await app.stop();
  }
}

/** Plays the scenes on the terminal; resolves with the exit code. */
async function play(app: RunningApp): Promise<number> {
  const start = performance.now();
  let failures = 0;
  await withClient<DemoApi>(app.url, async (client) => {
    print(paint("cyan", `   await using client = await Client.connect<DemoApi>("${app.url}");`));
    failures = await playScenes(client, stopping.signal);
  });
  const took = duration(performance.now() - start);
  if (failures > 0) print("", paint("red", `${failures} checks failed.`));
  else print("", ...paragraph(`Done in ${took}. To call your own app: npm run demo -- <url>`));
  return failures > 0 ? 1 : 0;
}

/** Serves a page that plays the scenes, until the demo is stopped. */
async function servePages(app: RunningApp): Promise<number> {
  const { serveDemo } = await import("./web/serve.ts");
  const page = await serveDemo(app);
  try {
    print(`Open ${paint("bold", page.url)} in a browser. Ctrl-C stops the demo.`);
    await once(stopping.signal, "abort");
    return 0;
  } finally {
    await page.stop();
  }
}

/** Starts real Gradio if it is available and `--embedded` is not set. */
async function startApp(choice: "gradio" | "embedded" | "any"): Promise<RunningApp> {
  if (choice === "embedded") return await startEmbedded();
  const live = new LiveLines();
  let seconds = 0;
  const show = (): void => live.draw([paint("dim", `Starting Gradio …${seconds === 0 ? "" : ` ${seconds} s`}`)]);
  const clock = setInterval(() => (seconds++, show()), 1_000);
  show();
  try {
    return await startGradio(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) throw error;
    const failed = `Gradio did not start (${error instanceof Error ? error.message : String(error)})`;
    if (choice === "gradio") throw new Error(`${failed}.`, { cause: error });
    clearInterval(clock);
    live.end(paragraph(`${failed}: the demo uses the embedded app instead.`, "yellow"));
    return await startEmbedded();
  } finally {
    clearInterval(clock);
    live.end([]);
  }
}

/** Stops gracefully on the first signal, and at once on the second one. */
function interrupt(): void {
  if (stopping.signal.aborted) process.exit(INTERRUPTED);
  stopping.abort(new Error("The demo was stopped."));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
process.on("exit", restore);
onOutputClosed(() => stopping.signal.aborted || interrupt());

try {
  process.exitCode = await main(readArguments(process.argv.slice(2)));
} catch (error) {
  if (stopping.signal.aborted) {
    process.exitCode = INTERRUPTED;
    print(drawing ? "" : "", paint("dim", "Stopped."));
  } else {
    process.exitCode = 1;
    print("", ...formatError(error));
  }
}
