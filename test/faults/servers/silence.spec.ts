import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Client } from "#sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { appUrl, errorOf, killApp, until } from "../../contract/place.ts";
import { startNginx } from "../../servers/nginx.ts";
import { describeError } from "../describe-error.ts";
import { STREAM } from "../row.ts";
import { freeze, open } from "../world.ts";

// Silence on the event stream of real Gradio, with shorter times: 1.5 s stand for the minute, and 6 s for the ten.
vi.mock("../../../packages/core/src/protocol/timings.ts", async (original) => ({
  ...(await original<object>()),
  QUIET: 1_500,
  LOOK: 200,
  PATIENCE: 6_000,
  ANSWER: 1_000,
}));

const APP_ID = { method: "GET", path: "/app_id" };
/** The stream falls silent after its second output, and stays open. */
const SILENT = { ...STREAM, fault: { breaks: { at: { event: "process_generating", nth: 2 }, how: "stall" } } } as const;

async function connect(url: string): Promise<Client> {
  const client = await Client.connect(url);
  onTestFinished(() => client.close());
  return client;
}

/** A call whose stream has fallen silent. */
async function silentCall(name?: string) {
  const world = await open(name);
  onTestFinished(world.leave);
  const client = await connect(world.proxy.url);
  await world.proxy.add([SILENT]);
  const job = client.submit("/infinite", [0.05]);
  await until(() => job.outputs().length > 0);
  const questions = async (): Promise<number> =>
    (await world.proxy.requests()).filter(({ path }) => path.endsWith("/app_id")).length;
  return { proxy: world.proxy, client, job, questions };
}

test("behind nginx with a bare proxy_pass, which holds heartbeats back, a long call ends with its result", async () => {
  const nginx = await startNginx(await appUrl());
  onTestFinished(nginx.close);
  const client = await connect(nginx.url);
  expect(await client.predict("/slow", [5])).toBe(5);
  expect(await client.predict("/echo", ["after"])).toBe("after");
}, 60_000);

test("an app that a function blocks, so that it answers nothing, is waited for", async () => {
  const client = await connect(await appUrl("rest in silence"));
  expect(await client.predict("/block", [4.5])).toBe(4.5);
}, 120_000);

test("a silent stream of an app that answers is waited for, and the app is asked again", async () => {
  const { job, questions } = await silentCall();
  await until(async () => (await questions()) >= 4, 30_000);
  expect(job.done).toBe(false);
  await job.cancel();
}, 60_000);

test("a connection that swallows everything fails the call when the patience is over", async () => {
  const { proxy, job } = await silentCall();
  await proxy.add([{ ...APP_ID, times: "always", fault: { breaks: { at: "request", how: "stall" } } }]);
  expect(describeError(await errorOf(job.result()))).toBe("TimeoutError(idle)");
  await proxy.clear();
}, 60_000);

test("a silent stream of an app that cannot be reached fails the call", async () => {
  const { proxy, client, job } = await silentCall();
  await proxy.refuse();
  expect(describeError(await errorOf(job.result()))).toBe("ConnectionError(true)");
  await proxy.accept();
  await proxy.clear();
  expect(await client.predict("/echo", ["again"])).toBe("again");
}, 60_000);

test("a silent stream of an app that was restarted fails the call, and the next call succeeds", async () => {
  const { proxy, client, job } = await silentCall("mortal in silence");
  await proxy.add([{ ...APP_ID, times: 1, fault: { breaks: { at: "request", how: "stall" } } }]);
  await killApp("mortal in silence");
  await appUrl("mortal in silence");
  expect(describeError(await errorOf(job.result()))).toMatch(/^(SessionLostError|ConnectionError\(true\))/);
  await proxy.clear();
  expect(await client.predict("/echo", ["again"])).toBe("again");
}, 120_000);

test("an app that is suspended for longer than a minute, and goes on, loses no call", async () => {
  const client = await connect(await appUrl("mortal in silence"));
  const job = client.submit("/watched", [crypto.randomUUID(), 40, 0.05]);
  await until(() => job.outputs().length > 1);
  await freeze("mortal in silence", true);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  await freeze("mortal in silence", false);
  expect(await job.result()).toBe(39);
  expect(job.outputs()).toHaveLength(40);
}, 120_000);

test("a program that is suspended for longer than idleTimeout reads what came meanwhile, and its call succeeds", async () => {
  const program = fileURLToPath(new URL("../programs/steady.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@gradio-rx/source", program, await appUrl()], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  await until(() => lines.length > 2);
  child.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  child.kill("SIGCONT");
  expect(await exit).toEqual([0, null]);
  expect(lines.at(-1)).toBe("result 39");
  expect(lines).toHaveLength(41);
}, 60_000);
