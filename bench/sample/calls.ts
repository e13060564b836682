import { setTimeout as sleep } from "node:timers/promises";
import type { Connected } from "../adapters/adapter.ts";
import { check, heap, measure } from "./measure.ts";
import type { Figures, Params, Sample } from "./sample.ts";

/** Number of rounds before the heap is measured, so that the memory of the engine itself is stable. */
const WARM_UP = 2;

/** Plain calls: time, CPU, round trips and memory of each. */
export const ofCalls: Record<string, Sample> = { connect, trips, sequential, atOnce, memory, close };

async function connect(open: () => Promise<Connected>): Promise<Figures> {
  let app: Connected;
  // Loads what the platform loads on first use; some clients do so when they are imported.
  await import("node:https");
  void new Request("http://platform");
  const { cpu } = await measure(async () => (app = await open()));
  check((await app!.predict("/echo", ["once"])) === "once", "The echo is wrong.");
  // Waits until the stream has ended with the call.
  await sleep(100);
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  await app!.close();
  return { cpu: cpu / 1_000, timers };
}

async function trips(open: () => Promise<Connected>, { delay, calls }: Params): Promise<Figures> {
  let app: Connected;
  const echo = async (): Promise<unknown> => check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const connected = await measure(async () => (app = await open()));
  const firstCall = await measure(echo);
  const later = await measure(async () => {
    for (let call = 0; call < calls; call++) await echo();
  });
  await app!.close();
  return { connect: connected.ms / delay, first: firstCall.ms / delay, later: later.ms / calls / delay };
}

async function sequential(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const run = async (): Promise<void> => {
    for (let call = 0; call < calls; call++)
      check((await app.predict("/echo", [`call ${call}`])) === `call ${call}`, "The echo is wrong.");
  };
  await run();
  const { cpu, ms } = await measure(run);
  await app.close();
  return { ms: ms / calls, cpu: cpu / calls / 1_000 };
}

async function atOnce(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const texts = Array.from({ length: calls }, (_, index) => `call ${index}`);
  const { cpu } = await measure(async () => {
    const said = await Promise.all(texts.map((text) => app.predict("/echo", [text])));
    check(
      said.every((text, index) => text === texts[index]),
      "The echoes are mixed up.",
    );
  });
  await app.close();
  return { cpu: cpu / 1_000 };
}

async function memory(open: () => Promise<Connected>, { calls }: Params): Promise<Figures> {
  const app = await open();
  const echo = async (): Promise<void> => check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const run = async (): Promise<number> => {
    for (let call = 0; call < calls; call += 20) await Promise.all(Array.from({ length: 20 }, echo));
    return await heap();
  };
  for (let round = 0; round < WARM_UP; round++) await run();
  const before = await run();
  const bytes = ((await run()) - before) / calls;
  await app.close();
  return { bytes };
}

async function close(open: () => Promise<Connected>): Promise<Figures> {
  const app = await open();
  check((await app.predict("/echo", ["x"])) === "x", "The echo is wrong.");
  const closing = Date.now();
  await app.close();
  // The parent process measures when this process exits.
  return { closing };
}
