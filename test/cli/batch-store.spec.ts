import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { faultProxy } from "@gradio-rx/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { embedded } from "./app.ts";
import { counting, folderOf, linesOf } from "./batch-app.ts";
import { run, start } from "./run.ts";
import { Screen } from "./screen.ts";

vi.setConfig({ testTimeout: 60_000 });

const patient = { timeout: 20_000 };
/** Returns the content of a terminal after a text. */
function shown(text: string): string {
  const screen = new Screen();
  screen.write(text);
  return screen.text;
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, value) => value);

describe("a batch with a file as its store", () => {
  test("lines carry key and index; the key is not sent; a second run runs nothing and writes the same lines", async () => {
    const { url, runs } = await counting({ fails: (value) => value === 2 });
    const { path, lines } = await folderOf([0, 1, 2, 1]);
    const args = ["batch", url, "double", path("in.jsonl"), "-o", path("out.jsonl")];
    const store = ["--store", path("batch.sqlite"), "--key", "id", "-q"];
    expect(await run([...args, ...store])).toEqual({ code: 1, stdout: "", stderr: "" });
    const expected = [
      { index: 0, key: "n0", input: { id: "n0", value: 0 }, result: 0 },
      { index: 1, key: "n1", input: { id: "n1", value: 1 }, result: 2 },
      { index: 2, key: "n2", input: { id: "n2", value: 2 }, error: { code: "app", message: "2 fails" } },
    ];
    expect(await lines("out.jsonl")).toEqual(expected);
    expect([runs.get(1), runs.get(2)]).toEqual([1, 3]);
    expect((await run([...args, ...store])).code).toBe(1);
    expect(await lines("out.jsonl")).toEqual(expected);
    expect([runs.get(1), runs.get(2)]).toEqual([1, 3]);
  });

  test("--errors takes the failures; --retry runs them again, and the file of failures is empty then", async () => {
    let broken = true;
    const { url, runs } = await counting({ fails: (value) => broken && value > 1 });
    const { path, lines } = await folderOf(upTo(4));
    const outputs = ["-o", path("out.jsonl"), "--errors", path("errors.jsonl")];
    const store = ["--store", path("batch.sqlite"), "--key", "id"];
    const args = ["batch", url, "double", path("in.jsonl"), ...outputs, ...store];
    expect((await run(args)).code).toBe(1);
    expect((await lines("out.jsonl")).map(({ key }) => key)).toEqual(["n0", "n1"]);
    expect((await lines("errors.jsonl")).map(({ key }) => key)).toEqual(["n2", "n3"]);
    broken = false;
    expect(await run(["batch", ...store.slice(0, 2), "--retry", "n2"])).toMatchObject({
      code: 0,
      stdout: "1 dead letter runs again, with the next run.\n",
    });
    expect(await run(["batch", ...store.slice(0, 2), "--retry", "n1"])).toEqual({
      code: 1,
      stdout: "0 dead letters run again, with the next run.\n",
      stderr: "Keys without a dead letter: 1.\n",
    });
    expect((await run(args)).code).toBe(1);
    expect((await lines("errors.jsonl")).map(({ key }) => key)).toEqual(["n3"]);
    expect((await run([...args, "--retry"])).code).toBe(0);
    expect((await lines("out.jsonl")).map(({ result }) => result)).toEqual([0, 2, 4, 6]);
    expect(await lines("errors.jsonl")).toEqual([]);
    expect([runs.get(1), runs.get(2), runs.get(3)]).toEqual([1, 4, 4]);
  });

  test("a key that is a parameter is sent; a CSV column can be the key; a file that cannot be read fails its line alone", async () => {
    const { url } = await embedded();
    const { path } = await folderOf([]);
    await writeFile(path("in.csv"), "text,number\na,1\nb,2\n");
    const csv = ["batch", url, "two", path("in.csv"), "--store", path("a.sqlite"), "--key", "text", "-q"];
    const sent = await run(csv);
    expect(sent.code).toBe(0);
    expect(linesOf(sent.stdout).map(({ key, input }) => [key, input])).toEqual([
      ["a", { text: "a", number: 1 }],
      ["b", { text: "b", number: 2 }],
    ]);
    await writeFile(path("a.txt"), "12345");
    const mark = { path: path("a.txt"), meta: { _type: "gradio.FileData" } };
    const inputs = [{ file: `@${path("a.txt")}` }, { file: mark }, { file: `@${path("none.txt")}` }];
    const input = inputs.map((one) => JSON.stringify(one)).join("\n");
    const files = await run(["batch", url, "file_info", "--store", path("b.sqlite"), "-q"], { input });
    expect(files.code).toBe(1);
    expect(linesOf(files.stdout)).toMatchObject([
      { result: { size: 5 } },
      { result: { size: 5 } },
      { error: { code: "input", message: expect.stringContaining("cannot be read") } },
    ]);
  });

  test("Ctrl-C lets running calls end, and the same command goes on: no input runs twice", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { url, runs } = await counting({ wait: () => held });
    const { path, lines } = await folderOf(upTo(20));
    const store = ["--store", path("batch.sqlite"), "--key", "id", "--concurrency", "5"];
    const args = ["batch", url, "double", path("in.jsonl"), "-o", path("out.jsonl"), ...store];
    const running = start(args);
    await vi.waitFor(() => expect(runs.size).toBeGreaterThan(3), patient);
    running.child.kill("SIGINT");
    await running.until("stderr", "Stopping: running calls have 30 s to end.");
    release();
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/\nCancelled\n$/);
    expect((await lines("out.jsonl")).length).toBe(runs.size);
    expect((await run(args)).code).toBe(0);
    expect((await lines("out.jsonl")).map(({ key }) => key)).toEqual(upTo(20).map((value) => `n${value}`));
    expect([...runs.values()]).toEqual(upTo(20).map(() => 1));
  });

  test("a second Ctrl-C ends the program at once, and the time limit ends a batch with exit code 6; both can go on", async () => {
    let isHeld = true;
    const { url, app } = await counting({ wait: async () => (isHeld ? await sleep(600_000) : undefined) });
    const { path, lines } = await folderOf(upTo(2));
    const store = ["--store", path("batch.sqlite"), "--key", "id", "-o", path("out.jsonl")];
    const args = ["batch", url, "double", path("in.jsonl"), ...store];
    const running = start(args);
    await vi.waitFor(() => expect(app.running).toBe(2), patient);
    running.child.kill("SIGINT");
    await running.until("stderr", "Stopping:");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    const late = await run([...args, "--timeout", "3s"]);
    expect(late).toMatchObject({ code: 6, stderr: expect.stringContaining("--timeout 3s") as string });
    isHeld = false;
    expect((await run(args)).code).toBe(0);
    expect((await lines("out.jsonl")).map(({ result }) => result)).toEqual([0, 2]);
  });

  test("a second copy takes over from one that is gone, and a pipe gets plain lines", async () => {
    const { url, runs } = await counting();
    const proxy = await faultProxy(url);
    onTestFinished(() => proxy.close());
    proxy.add({ method: "POST", path: "/queue/join", times: "always", fault: { answer: { status: 500 } } });
    const { path } = await folderOf(upTo(12));
    const store = ["--store", path("batch.sqlite"), "--key", "id"];
    const ended = await run(["batch", proxy.url, "double", path("in.jsonl"), "--app", url, ...store]);
    expect(ended.code).toBe(0);
    expect(linesOf(ended.stdout)).toHaveLength(12);
    expect([...runs.values()]).toEqual(upTo(12).map(() => 1));
    expect(ended.stderr).toMatch(/^\d+ of 12 ended, 0 failed\n/m);
    expect(ended.stderr).toMatch(/\n12 of 12 ended, 0 failed\n$/);
    expect(ended.stderr).not.toContain("\u001b");
  });

  test("a terminal gets one live line with each copy and its state, and the numbers stay in the end", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { url } = await counting({ wait: () => held });
    const { path } = await folderOf(upTo(3));
    const away = "127.0.0.1:9";
    const store = ["--store", path("batch.sqlite"), "--key", "id", "-o", path("out.jsonl")];
    const args = ["batch", url, "double", path("in.jsonl"), "--app", `http://${away}`, ...store];
    const running = start(args, { terminal: ["err"] });
    const { host } = new URL(url);
    const line = new RegExp(`^0 of 3 ended \\| ${host}:? open,? 3( running)? \\| ${away}:? resting \\d+ s$`, "m");
    await vi.waitFor(() => expect(shown(running.said.terminal)).toMatch(line), patient);
    release();
    const { code, terminal } = await running.ended;
    expect(code).toBe(0);
    expect(shown(terminal)).toBe("3 of 3 ended, 0 failed\n");
  });

  test("inputs from stdin leave no temporary file behind, also after Ctrl-C while stdin is open", async () => {
    const { url } = await counting();
    const { path } = await folderOf([]);
    await mkdir(path("tmp"));
    const env = { TMPDIR: path("tmp") };
    const args = ["batch", url, "double", "--store", path("batch.sqlite"), "-q"];
    const { code, stdout } = await run(args, { input: '{"value":1}\n{"value":2}\n', env });
    expect([code, linesOf(stdout).map(({ result }) => result)]).toEqual([0, [2, 4]]);
    const waiting = start(args, { input: null, env });
    // More than a pipe holds: the program has read from it when it is written.
    await new Promise((resolve) => waiting.child.stdin!.write(`{"value":3}\n`.repeat(20_000), resolve));
    waiting.child.kill("SIGINT");
    expect(await waiting.ended).toMatchObject({ code: 130, stdout: "" });
    expect(await readdir(path("tmp"))).toEqual([]);
  });

  test("--status prints the numbers of a batch that runs, of one that was killed, and of one that has ended", async () => {
    let isHeld = true;
    const { url, app } = await counting({
      wait: async (value) => (isHeld && value > 2 ? await sleep(600_000) : undefined),
      fails: (value) => value === 2,
    });
    const { path } = await folderOf(upTo(6));
    const store = ["--store", path("batch.sqlite")];
    const args = ["batch", url, "double", path("in.jsonl"), ...store, "--key", "id", "-q"];
    const status = async (): Promise<unknown> => {
      const { code, stdout, stderr } = await run(["batch", ...store, "--status", "--json"]);
      return { code, stderr, ...(JSON.parse(stdout) as object) };
    };
    const base = { code: 0, stderr: "", store: path("batch.sqlite"), endpoint: "/double" };
    const running = start(args);
    await vi.waitFor(() => expect(app.running).toBe(3), patient);
    await vi.waitFor(async () => expect(await status()).toEqual({ ...base, succeeded: 2, failed: 1 }), patient);
    expect(await run(["batch", ...store, "--retry"])).toMatchObject({ code: 2 });
    running.child.kill("SIGKILL");
    await running.ended;
    expect(await status()).toEqual({ ...base, succeeded: 2, failed: 1 });
    isHeld = false;
    expect((await run(args)).code).toBe(1);
    expect(await status()).toEqual({ ...base, succeeded: 5, failed: 1 });
  });

  test("a store of another endpoint, a file of other inputs, and a store that runs elsewhere are refused", async () => {
    const { url, app } = await counting({ wait: () => sleep(600_000) });
    const { path } = await folderOf(upTo(2));
    const store = ["--store", path("batch.sqlite"), "--key", "id"];
    const running = start(["batch", url, "double", path("in.jsonl"), ...store]);
    await vi.waitFor(() => expect(app.running).toBe(2), patient);
    const elsewhere = await run(["batch", url, "double", path("in.jsonl"), ...store]);
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining("open in another process") as string });
    running.child.kill("SIGKILL");
    await running.ended;
    const other = await embedded();
    const asked = await run(["batch", other.url, "echo", ...store], { input: '{"id":"a","text":"b"}' });
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('the endpoint "/double"') as string });
    await writeFile(path("out.jsonl"), '{"index":0,"input":{"text":"mine"},"result":"kept"}\n');
    const mine = await run(["batch", url, "double", path("in.jsonl"), "-o", path("out.jsonl"), ...store]);
    expect(mine).toMatchObject({ code: 2, stderr: expect.stringContaining("records other inputs") as string });
    expect(await readFile(path("out.jsonl"), "utf8")).toContain("kept");
    expect(app.count("POST", "/queue/join")).toBe(2);
  });
});

describe("what is refused before anything is sent", () => {
  test.each([
    [["a", "b", "--app", "c"], "--app needs a store"],
    [["--store", "none.sqlite", "--status"], "The store none.sqlite does not exist"],
  ])("%j", async (words, message) => {
    const { code, stdout, stderr } = await run(["batch", ...words]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("a line without a key, and an unknown endpoint; the store is not made", async () => {
    const { url, app } = await counting();
    const { path } = await folderOf([1]);
    const store = ["--store", path("batch.sqlite")];
    const keyless = await run(["batch", url, "double", ...store, "--key", "id"], { input: '{"value":1}' });
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining('has no field "id"') as string });
    const unknown = await run(["batch", url, "/triple", ...store], { input: "[1]" });
    const message = 'has no endpoint "/triple". It has: /double.';
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining(message) as string });
    expect(existsSync(path("batch.sqlite"))).toBe(false);
    expect(app.count("POST", "/queue/join")).toBe(0);
  });

  test.each([
    ["@gradio-rx/batch", "batch.sqlite", "npm install @gradio-rx/batch."],
    ["bullmq", "redis://127.0.0.1", "npm install @gradio-rx/batch bullmq ioredis."],
  ])("a package that is not installed: %s", async (name, store, command) => {
    const resolve = `(s,c,n)=>n(s===${JSON.stringify(name)}?'not-installed':s,c)`;
    const hooks = `import{registerHooks}from'node:module';registerHooks({resolve:${resolve}})`;
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}` };
    const { code, stderr } = await run(["batch", "a", "b", "--store", store], { env });
    expect(code).toBe(2);
    expect(stderr).toContain(command);
    expect(stderr).toContain(`npx -p gradio-rx -p @gradio-rx/batch`);
  });
});

test("a token of the environment goes to no copy that is not a Space", async () => {
  const { url } = await embedded();
  const { path } = await folderOf([]);
  const input = '{"names":"authorization"}';
  const args = ["batch", url, "headers", "--store", path("batch.sqlite"), "-q"];
  const { stdout } = await run(args, { input, env: { HF_TOKEN: "hf_secret" } });
  expect(linesOf(stdout)).toMatchObject([{ result: { headers: {} } }]);
  expect(stdout).not.toContain("hf_secret");
});
