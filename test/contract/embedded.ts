import { setTimeout as sleep } from "node:timers/promises";
import type { AppOptions, CallContext, Endpoint, EndpointOptions, ServedApp, ServeOptions } from "@gradio-rx/testing";
import * as gr from "@gradio-rx/testing";
import { fileEndpoints, mediaEndpoints } from "./embedded-files.ts";
import { numberInput, output, textInput } from "./embedded-inputs.ts";

/** Settings that correspond to the environment variables of test/gradio/app.py. */
export interface EmbeddedSettings {
  /** Maximum number of waiting jobs. Default 64. */
  maxSize?: number;
  /** Maximum number of jobs of one endpoint that run at once. Default 8. */
  concurrency?: number;
  /** Whether callers receive the message of the error in /crash. Default `false`. */
  showError?: boolean;
  /** Maximum size of an uploaded file in bytes. Default: no limit. */
  maxFileSize?: number;
}

/** Serves the embedded equivalent of test/gradio/app.py: the same endpoints in the same order, with the same behaviour. */
export function startEmbedded(settings: EmbeddedSettings = {}, options: ServeOptions = {}): Promise<ServedApp> {
  return gr.serveApp(embeddedEndpoints(), { ...embeddedOptions(settings), ...options });
}

/** Returns the options of the app. */
export function embeddedOptions(settings: EmbeddedSettings = {}): AppOptions {
  const { maxSize = 64, concurrency = 8, showError = false, maxFileSize = null } = settings;
  const title = "Gradio of every generation";
  return { maxSize, defaultConcurrencyLimit: concurrency, showError, maxFileSize, title };
}

/** Creates the endpoints of the app; every call creates new ones. */
export function embeddedEndpoints(): Record<string, Endpoint> {
  const records = new CallRecords();
  return {
    ...valueEndpoints(),
    ...generatorEndpoints(records),
    ...reportEndpoints(),
    ...failingEndpoints(),
    ...orderEndpoints(records),
    ...fileEndpoints(),
    ...mediaEndpoints(),
  };
}

function valueEndpoints(): Record<string, Endpoint> {
  const counted = gr.state(0);
  return {
    echo: gr.endpoint({ inputs: [textInput()], outputs: output, fn: (text: string) => text }),
    two: gr.endpoint({
      inputs: [textInput(), numberInput()],
      outputs: [gr.textbox("upper"), gr.number("double")],
      fn: (text: string, number: number) => [text.toUpperCase(), number * 2],
    }),
    none: gr.endpoint({ outputs: [], fn: () => null }),
    nothing_in: gr.endpoint({ outputs: output, fn: () => "pong" }),
    defaults: gr.endpoint({
      inputs: [
        textInput("text", "hello"),
        numberInput("number", 3),
        gr.checkbox("flag", { value: true }),
        gr.dropdown("choice", ["a", "b", "c"], { value: "b" }),
        gr.slider("level", { minimum: 0, maximum: 1, value: 0.5 }),
      ],
      outputs: output,
      fn: (text: string, number: number, flag: boolean, choice: string, level: number) =>
        `${text}|${String(number)}|${flag ? "True" : "False"}|${choice}|${String(level)}`,
    }),
    counter: gr.endpoint({
      inputs: [numberInput("step", 1), counted],
      outputs: [gr.number("count"), counted],
      fn: (step: number, count: number) => [count + Math.trunc(step), count + Math.trunc(step)],
    }),
    update: gr.endpoint({
      inputs: [textInput()],
      outputs: output,
      fn: (text: string) => gr.update({ value: text, label: "renamed" }),
    }),
    headers: gr.endpoint({
      inputs: [textInput("names", "")],
      outputs: [gr.json("seen")],
      description: "The request headers of that call, for tests of tokens, cookies and custom headers.",
      fn: (names: string, { request }: CallContext) => seen(names, request),
    }),
    json: gr.endpoint({ inputs: [gr.json("value")], outputs: [gr.json("value")], fn: (value: unknown) => value }),
    big: gr.endpoint({ inputs: [numberInput("size", 1000)], outputs: output, fn: (size: number) => "x".repeat(size) }),
  };
}

function seen(names: string, request: CallContext["request"]): Record<string, unknown> {
  const wanted = names
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const headers = [...request.headers].filter(([name]) => wanted.length === 0 || wanted.includes(name));
  return {
    headers: Object.fromEntries(headers),
    query: Object.fromEntries(request.query),
    username: request.username,
    session_hash: request.sessionHash,
  };
}

function generatorEndpoints(records: CallRecords): Record<string, Endpoint> {
  return {
    generate: gr.endpoint({
      inputs: [textInput("text", "growing"), numberInput("delay", 0.02)],
      outputs: output,
      description: "Growing text: one character more each time.",
      fn: async function* (text: string, delay: number) {
        records.of(text.slice(0, 100)).started++;
        for (let end = 1; end <= text.length; end += 1) {
          await sleep(delay * 1000);
          yield text.slice(0, end);
        }
      },
    }),
    generate_json: gr.endpoint({
      inputs: [numberInput("steps", 3)],
      outputs: [gr.json("value")],
      description: "Lists and dicts that grow, change, shrink and nest: every kind of diff, in order.",
      fn: everyDiff,
    }),
    shrink: gr.endpoint({ inputs: [], outputs: [gr.dataframe("value")], fn: shrinking }),
    skips: gr.endpoint({ inputs: [], outputs: output, fn: skipping }),
    cached: gr.endpoint({ inputs: [textInput()], outputs: output, cache: true, fn: cached }),
    generate_two: gr.endpoint({
      inputs: [numberInput("count", 4)],
      outputs: [gr.textbox("first"), gr.number("second")],
      description: "Two outputs; the second changes at every other step only.",
      fn: async function* (count: number) {
        for (let step = 0; step < count; step += 1) {
          await sleep(20);
          yield [`step ${String(step)}`, Math.floor(step / 2)];
        }
      },
    }),
    generate_none: gr.endpoint({
      outputs: output,
      description: "A generator that yields nothing at all.",
      fn: function* (): Generator<string> {
        yield* [];
      },
    }),
    infinite: gr.endpoint({
      inputs: [numberInput("delay", 0.1)],
      outputs: [gr.number("step")],
      concurrencyLimit: 4,
      description: "Runs until it is cancelled.",
      fn: async function* (delay: number) {
        for (let step = 0; ; step += 1) {
          yield step;
          await sleep(Math.max(delay, 0.01) * 1000);
        }
      },
    }),
    unnamed: gr.endpoint({ outputs: [], backendFn: false, queue: false, apiVisibility: "private" }),
    unnamed_1: gr.endpoint({
      outputs: [],
      backendFn: false,
      queue: false,
      apiVisibility: "private",
      cancels: ["infinite"],
    }),
  };
}

function* shrinking(): Generator {
  yield {
    headers: ["a", "b", "c"],
    data: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
    metadata: null,
  };
  yield {
    headers: ["a", "b"],
    data: [
      [1, 2],
      [4, 5],
    ],
    metadata: null,
  };
  yield { headers: ["a"], data: [[1]], metadata: null };
}

function* skipping(): Generator {
  yield gr.skip();
  yield "one";
  yield gr.skip();
  yield gr.update({ value: "two" });
}

function* everyDiff(steps: number): Generator {
  let value = { items: [] as unknown[], name: "start", nested: { deep: [1, 2, 3] } };
  yield value;
  for (let step = 0; step < steps; step += 1) {
    value = { ...value, items: [...value.items, { id: step, text: "a".repeat(step) }] };
    yield value;
  }
  yield { ...value, name: "start and more" };
  yield { ...value, name: "other" };
  yield { ...value, nested: { deep: [1, 9, 3], new: null } };
  yield { items: value.items.slice(0, 1), name: "end" };
  yield ["now", "a", "list"];
  yield ["now", { a: "list" }, 3.5, null, true, "ünïcødé ✓"];
}

function reportEndpoints(): Record<string, Endpoint> {
  return {
    progress: gr.endpoint({
      inputs: [numberInput("steps", 2)],
      outputs: output,
      description: "Nested bars, then a fraction, then a pair with a unit.",
      fn: async (steps: number, { progress }: CallContext) => {
        for (const _ of progress.each(Array.from({ length: steps }), { desc: "outer" })) {
          for (const half of progress.each([0.5, 0.5], { desc: "inner", unit: "files" })) await sleep(240 * half);
        }
        progress(0.75, { desc: "fraction" });
        await sleep(120);
        progress([9, 10], { desc: "pair", unit: "rows" });
        await sleep(120);
        return "done";
      },
    }),
    progress_tqdm: gr.endpoint({
      inputs: [numberInput("steps", 4)],
      outputs: output,
      fn: async (steps: number, { progress }: CallContext) => {
        for (const _ of progress.each(Array.from({ length: steps }), { desc: "tracked" })) await sleep(120);
        return "done";
      },
    }),
    logs: gr.endpoint({
      inputs: [textInput()],
      outputs: output,
      fn: (text: string, context: CallContext) => {
        context.info(`info ${text}`);
        context.warning(`warning ${text}`);
        context.success(`success ${text}`, { duration: null, title: "Good" });
        return text;
      },
    }),
  };
}

function failingEndpoints(): Record<string, Endpoint> {
  return {
    fail: gr.endpoint({ inputs: [textInput("message", "told")], outputs: output, fn: fail }),
    fail_fully: gr.endpoint({
      inputs: [textInput("message", "told fully")],
      outputs: output,
      description: "gr.Error with all that the version lets it say.",
      fn: (message: string) => {
        throw new gr.AppFailure(message, { duration: 3, title: "Title", visible: true });
      },
    }),
    crash: gr.endpoint({
      inputs: [textInput("message", "secret")],
      outputs: output,
      fn: (message: string) => {
        throw new TypeError(message);
      },
    }),
    fail_midway: gr.endpoint({
      inputs: [numberInput("count", 2)],
      outputs: output,
      fn: async function* (count: number) {
        for (let step = 0; step < count; step += 1) {
          yield `step ${String(step)}`;
          await sleep(20);
        }
        throw new gr.AppFailure("midway");
      },
    }),
  };
}

function fail(message: string): never {
  throw new gr.AppFailure(message);
}

function orderEndpoints(records: CallRecords): Record<string, Endpoint> {
  const slowly: EndpointOptions = { inputs: [numberInput("seconds", 1)], outputs: [gr.number("slept")], fn: slow };
  const one: EndpointOptions = { inputs: [textInput()], outputs: output, parameters: ["text"] };
  return {
    slow: gr.endpoint(slowly),
    slow_one: gr.endpoint({ ...slowly, concurrencyLimit: 1, fn: (seconds: unknown) => slow(seconds) }),
    burst: gr.endpoint({
      inputs: [textInput("name"), numberInput("steps", 100)],
      outputs: output,
      concurrencyLimit: null,
      fn: function* (name: string, steps: number) {
        for (let step = 0; step < steps; step++) yield `${name} step ${String(step)}`;
      },
    }),
    ...watchedEndpoints(records),
    direct: gr.endpoint({ ...one, queue: false, fn: said("direct") }),
    direct_generate: gr.endpoint({
      inputs: [numberInput("count", 3)],
      outputs: [gr.number("step")],
      queue: false,
      fn: function* (count: number) {
        for (let step = 0; step < count; step++) yield step;
      },
    }),
    direct_fail: gr.endpoint({
      inputs: [textInput("message", "told")],
      outputs: output,
      queue: false,
      fn: (message: string) => fail(message),
    }),
    batch: gr.endpoint({
      inputs: [textInput()],
      outputs: output,
      batch: true,
      maxBatchSize: 4,
      description: "One call of the function for up to four jobs; each answer says how many ran together.",
      fn: async (texts: string[]) => {
        await sleep(200);
        return [texts.map((text) => `${text} of ${String(texts.length)}`)];
      },
    }),
    private: gr.endpoint({ ...one, apiVisibility: "private", fn: said("private") }),
    undocumented: gr.endpoint({ ...one, apiVisibility: "undocumented", fn: said("undocumented") }),
  };
}

/** Record of the calls with one key. */
interface CallRecord {
  started: number;
  finished: number;
  stopped: number;
}

/** Records of one app's calls, by key. */
class CallRecords {
  readonly #records = new Map<string, CallRecord>();

  /** Returns the record of a key; changes to it are kept. */
  of(key: string): CallRecord {
    const record = this.#records.get(key) ?? { started: 0, finished: 0, stopped: 0 };
    this.#records.set(key, record);
    return record;
  }
}

/** Generators that record their state under a key. */
function watchedEndpoints(records: CallRecords): Record<string, Endpoint> {
  const watched = async function* (key: string, steps: number, delay: number) {
    const record = records.of(key);
    record.started++;
    let finished = false;
    try {
      for (let step = 0; step < steps; step++) {
        yield step;
        await sleep(delay * 1000);
      }
      finished = true;
    } finally {
      record[finished ? "finished" : "stopped"]++;
    }
  };
  const pace = {
    inputs: [textInput("key"), numberInput("steps", 3), numberInput("delay", 0.05)],
    outputs: [gr.number("step")],
  };
  return {
    watched: gr.endpoint({ ...pace, concurrencyLimit: null, fn: watched }),
    watched_one: gr.endpoint({
      ...pace,
      concurrencyLimit: 1,
      fn: async function* (key: string, steps: number, delay: number) {
        yield* watched(key, steps, delay);
      },
    }),
    record: gr.endpoint({
      inputs: [textInput("key")],
      outputs: [gr.json("record")],
      concurrencyLimit: null,
      fn: (key: string) => records.of(key),
    }),
  };
}

async function slow(seconds: unknown): Promise<number> {
  const time = Number(seconds);
  if (Number.isNaN(time)) throw new TypeError("not a number");
  // A function that is still sleeping at the end of the tests must not keep the process alive.
  await sleep(time * 1000, undefined, { ref: false });
  return time;
}

function said(word: string): (text: string) => string {
  return (text) => `${word} ${text}`;
}

function cached(text: string): string {
  return `cached ${text}`;
}
