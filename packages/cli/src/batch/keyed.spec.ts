import type { EndpointInfo } from "@gradio-rx/node";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test } from "vitest";
import { InputFile } from "./input-file.ts";
import type { Format } from "./inputs.ts";
import { KeyedInputs } from "./keyed.ts";

const endpoint = { parameters: [{ name: "text" }] } as unknown as EndpointInfo;
const keyOf = (input: unknown): string => `hash of ${JSON.stringify(input)}`;
const { signal } = new AbortController();
const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} };

/** Writes a file of inputs, and reads their keys. */
async function keyed(text: string, field?: string, format: Format = "jsonl"): Promise<KeyedInputs & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "gradio-rx-keyed-"));
  const path = join(folder, "inputs");
  await writeFile(path, text);
  const file = await InputFile.open({ io, signal, options: {} }, path, { format });
  onTestFinished(async () => {
    await file.close();
    await rm(folder, { recursive: true });
  });
  return Object.assign(await KeyedInputs.read(file, { field, endpoint, keyOf }, signal), { path });
}

/** Returns the data of all calls, and their keys. */
async function all(inputs: KeyedInputs): Promise<{ data: object[]; keys: string[] }> {
  const data: object[] = [];
  for await (const one of inputs.data()) data.push(one);
  return { data, keys: data.map((one) => inputs.keyOf(one)) };
}

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Returns the memory in bytes that is kept after garbage collection. */
async function kept(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    gc();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("the field of the key is not sent, unless it is a parameter", async () => {
  const text = '{"id":1,"text":"a"}\n';
  expect(await all(await keyed(text, "id"))).toEqual({ data: [{ text: "a" }], keys: ["1"] });
  expect(await all(await keyed(text, "text"))).toEqual({ data: [{ id: 1, text: "a" }], keys: ["a"] });
  expect(await (await keyed(text, "id")).find("1")).toEqual({ index: 0, input: { id: 1, text: "a" } });
});

test("of inputs with one key the first counts; without a field the key is a hash", async () => {
  const inputs = await keyed('{"id":"x","text":"a"}\n\n{"id":"x","text":"b"}\n', "id");
  expect(inputs.size).toBe(1);
  expect(await inputs.find("x")).toEqual({ index: 0, input: { id: "x", text: "a" } });
  const hashed = await keyed('["a"]');
  expect(hashed.has('hash of ["a"]')).toBe(true);
  expect(await hashed.find("b")).toBeUndefined();
});

test("each of many inputs, short and longer than what is read at once, is found by its key", async () => {
  const inputs = Array.from({ length: 5_000 }, (_, at) => ({
    id: `ü${at}`,
    text: "é".repeat(at % 1_000 === 0 ? 150_000 : at % 50),
  }));
  const found = await keyed(inputs.map((input) => `${JSON.stringify(input)}\r\n \n`).join(""), "id");
  expect(found.size).toBe(5_000);
  for (const at of [4_999, 0, 1, 1_000, 999, 1_001, 3_333])
    expect(await found.find(`ü${at}`)).toEqual({ index: at, input: inputs[at] });
  expect((await all(found)).keys).toEqual(inputs.map(({ id }) => id));
});

test("rows of CSV are found while the file is read again", async () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => ({ id: String(at), name: `"${at}"\n` }));
  const text = rows.map(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"\n`).join("");
  const inputs = await keyed(`id,name\n${text}`, "id", "csv");
  const found: unknown[] = [];
  for await (const data of inputs.data()) {
    const index = Number(inputs.keyOf(data));
    if (index % 1_000 === 0) found.push((await inputs.find(String(19_999 - index)))?.input);
  }
  expect(found).toEqual(rows.toReversed().filter((_, at) => at % 1_000 === 0));
});

test("inputs take little of their size in memory", async () => {
  const count = 20_000;
  const line = (at: number): string => `{"id":${at},"text":"${"x".repeat(2_000)}"}\n`;
  const text = Array.from({ length: count }, (_, at) => line(at)).join("");
  const before = await kept();
  const inputs = await keyed(text, "id");
  for (let at = 0; at < count; at += 100) await inputs.find(String(at));
  for await (const data of inputs.data()) inputs.keyOf(data);
  expect((await kept()) - before).toBeLessThan(text.length / 4);
  expect(inputs.size).toBe(count);
});

test("a file that changes while the batch runs is an error", async () => {
  const inputs = await keyed('{"id":"a"}\n{"id":"b"}\n', "id");
  await writeFile(inputs.path, '{"id":"a"}\n{"id":"c"}\n');
  await expect(all(inputs)).rejects.toThrow("has changed while the batch ran");
  await expect(inputs.find("b")).rejects.toThrow("has changed while the batch ran");
  await writeFile(inputs.path, '{"id":"a"}\n');
  await expect(all(inputs)).rejects.toThrow("has changed while the batch ran");
});

test("a file as Gradio writes it becomes a reference that can be written as JSON", async () => {
  const file = (path: string): object => ({ path, meta: { _type: "gradio.FileData" } });
  const text = JSON.stringify([file("a.png"), [file("https://example.com/b.png")], { ...file("c"), url: "https://x" }]);
  expect((await all(await keyed(text))).data).toEqual([
    ["@a.png", [{ $file: "https://example.com/b.png" }], { ...file("c"), url: "https://x" }],
  ]);
});

test.each([
  ['{"text":"a"}', 'Line 1 of the input has no field "id" for its key.'],
  ['\n["a"]', 'Line 2 of the input is an array, which has no field "id" for its key.'],
  ['{"id":true}', 'Line 1 of the input: the field "id" has to be a number or a text of 1 to 512 characters.'],
  [`{"id":"${"x".repeat(513)}"}`, "of 1 to 512 characters"],
  ['{"id":""}', "of 1 to 512 characters"],
  ['{"__proto__":{"id":"x"}}', 'has no field "id"'],
])("%s is refused", async (text, message) => {
  await expect(keyed(text, "id")).rejects.toThrow(message);
});
