import type { AdapterName } from "./adapters/adapter.ts";
import type { Row, Target } from "./rows.ts";
import type { Params } from "./sample/sample.ts";
import type { Setup } from "./server/setup.ts";

/** Settings for the samples and the server of a scenario. */
export type Settings = Partial<Setup & Pick<Params, "calls">>;

/** A kind of sample and the rows of its figures. */
export interface Scenario {
  id: string;
  /** Name of the sample. */
  sample: string;
  adapters: readonly AdapterName[];
  rows: readonly Row[];
  settings?: Settings;
  /** Settings that differ in a quick run. */
  quick?: Settings;
  /** Whether a quick run skips the Python client. */
  slowInPython?: boolean;
  /** Settings that differ for the Python client, to keep its run short. */
  py?: Settings;
  /** Number of samples. Default 3. */
  rounds?: number;
  /** Whether to use real Gradio instead of the server of the bench. */
  gradio?: boolean;
}

const all: readonly AdapterName[] = ["ours", "floor", "js", "py"];
/** Adapters of scenarios that read events, with the minimum that has the duties of the SDK. */
const readers: readonly AdapterName[] = ["ours", "floor", "dutiful", "js", "py"];
const withAllReaders: readonly AdapterName[] = ["ours-values", "ours-callback", "ours-observe", ...readers];
const inNode: readonly AdapterName[] = ["ours", "floor", "js"];

const floor = (most: number): Target => ({ most, times: "floor" });
const js = (most: number): Target => ({ most, times: "js" });

/** Rows of one job with 5,000 events, read with `for await` and with the other readers. */
function eventRows(kind: string, targets: Record<"warm" | "first" | "rate" | "other", Target>): Row[] {
  const title = `5,000 events, ${kind}`;
  const unit = "µs CPU/event";
  const through = (adapter: AdapterName, name: string, target: Target): Row => ({
    title: `${title}, warm, by ${name}`,
    unit,
    figure: "warm",
    targets: [target],
    adapter,
  });
  return [
    { title: `${title}, warm`, unit, figure: "warm", targets: [targets.warm] },
    { title: `${title}, first job`, unit, figure: "first", targets: [targets.first] },
    { title: `${title}, warm`, unit: "events/s", figure: "rate", targets: [targets.rate] },
    through("ours-values", "`values()`", targets.warm),
    through("ours-callback", "`onData`", targets.other),
    through("ours-observe", "`observe`", targets.other),
  ];
}

/** An answer that grows inside of a chat history. */
function chat(messages: number): Scenario {
  const title = `chat of ${messages} messages, answer growing to 20,000 characters in 2,000 events`;
  return {
    id: `chat-${messages}`,
    sample: "chat",
    adapters: ["ours", "floor", "dutiful", "js"],
    rounds: 7,
    settings: { endpoint: "chat", outputs: 2_000, messages },
    rows: [
      { title, unit: "µs CPU/event", figure: "cpu", targets: [floor(1.4)] },
      { title: "the same, kept by the finished job", unit: "B", figure: "kept", targets: [{ most: 2_000_000 }] },
    ],
  };
}

/** All scenarios that run in processes, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  {
    id: "import",
    sample: "import",
    adapters: all,
    rows: [{ title: "cold import (ours: RxJS loaded before)", unit: "ms CPU", figure: "cpu", targets: [js(3)] }],
  },
  {
    id: "connect",
    sample: "connect",
    adapters: all,
    rounds: 5,
    rows: [
      { title: "connect", unit: "ms CPU", figure: "cpu", targets: [floor(1.2)] },
      { title: "requests, connect + predict", unit: "", figure: "requests", targets: [{ most: 4 }] },
      { title: "timers alive after a job", unit: "", figure: "timers", targets: [{ most: 0 }] },
    ],
  },
  {
    id: "trips",
    sample: "trips",
    adapters: all,
    settings: { delay: 50, calls: 5 },
    rows: [
      { title: "round trips, connect", unit: "", figure: "connect", targets: [{ most: 1.9 }] },
      { title: "round trips, first predict", unit: "", figure: "first", targets: [{ most: 2.3 }] },
      { title: "round trips, later predict", unit: "", figure: "later", targets: [{ most: 1.2 }] },
    ],
  },
  {
    id: "first-event",
    sample: "first",
    adapters: all,
    rounds: 5,
    settings: { endpoint: "steps", outputs: 20 },
    rows: [{ title: "time to first event", unit: "ms", figure: "ms", targets: [floor(1.3)] }],
  },
  {
    id: "sequential",
    sample: "sequential",
    adapters: all,
    rounds: 5,
    settings: { calls: 100 },
    py: { calls: 10 },
    rows: [
      { title: "sequential predict", unit: "ms", figure: "ms" },
      { title: "sequential predict", unit: "ms CPU", figure: "cpu", targets: [floor(1)] },
    ],
  },
  {
    id: "at-once",
    slowInPython: true,
    sample: "atOnce",
    adapters: all,
    rounds: 5,
    settings: { calls: 200, duration: 1_000 },
    rows: [{ title: "200 predicts at once", unit: "ms CPU", figure: "cpu", targets: [floor(1)] }],
  },
  {
    id: "events-chunked",
    sample: "events",
    adapters: withAllReaders,
    rounds: 5,
    settings: { endpoint: "steps", outputs: 5_000 },
    rows: eventRows("chunk each", {
      warm: floor(1.15),
      first: js(0.8),
      rate: { least: 2.8, times: "js" },
      other: floor(1.15),
    }),
  },
  {
    id: "events-joined",
    slowInPython: true,
    sample: "events",
    adapters: withAllReaders,
    rounds: 5,
    settings: { endpoint: "steps", outputs: 5_000, joined: true },
    rows: eventRows("joined chunks", {
      warm: floor(1.25),
      first: js(0.7),
      rate: { least: 2.5, times: "js" },
      other: floor(1.2),
    }),
  },
  {
    id: "jobs",
    slowInPython: true,
    sample: "jobs",
    adapters: readers,
    rounds: 15,
    settings: { endpoint: "steps", outputs: 200, calls: 50, together: 50 },
    rows: [{ title: "50 jobs × 200 events", unit: "µs CPU/event", figure: "cpu", targets: [floor(1.25)] }],
  },
  {
    id: "text",
    sample: "grow",
    adapters: readers,
    rounds: 7,
    settings: { endpoint: "grow", outputs: 2_000 },
    rows: [
      {
        title: "text growing to 20,000 characters in 2,000 events",
        unit: "µs CPU/event",
        figure: "cpu",
        targets: [floor(1.25)],
      },
    ],
  },
  chat(2),
  chat(100),
  {
    id: "table",
    sample: "table",
    adapters: readers,
    rounds: 15,
    settings: { endpoint: "table", outputs: 500 },
    py: { outputs: 10 },
    rows: [
      { title: "1 MB JSON, 500 small diffs", unit: "µs CPU/diff", figure: "cpu", targets: [floor(1.2)] },
      {
        title: "the same, values changed after they were handed out",
        unit: "",
        figure: "changed",
        targets: [{ most: 0 }],
      },
    ],
  },
  {
    id: "value",
    slowInPython: true,
    sample: "value",
    adapters: readers,
    rounds: 15,
    settings: { endpoint: "large", megabytes: 15 },
    rows: [{ title: "one 15 MB value", unit: "ms CPU/MB", figure: "cpu", targets: [floor(1.15), js(0.25)] }],
  },
  {
    id: "memory",
    sample: "memory",
    adapters: all,
    settings: { calls: 2_000 },
    quick: { calls: 400 },
    slowInPython: true,
    py: { calls: 20 },
    rows: [{ title: "heap kept per finished job", unit: "B", figure: "bytes", targets: [{ most: 100 }] }],
  },
  {
    id: "upload",
    sample: "upload",
    adapters: all,
    rounds: 5,
    settings: { endpoint: "take", megabytes: 256 },
    rows: [
      { title: "upload 256 MB", unit: "ms", figure: "ms", targets: [floor(1.2)] },
      { title: "its peak memory", unit: "MB", figure: "peak", targets: [floor(1.25)] },
    ],
  },
  {
    id: "download",
    sample: "download",
    adapters: all,
    rounds: 5,
    settings: { endpoint: "give", megabytes: 256 },
    rows: [
      { title: "download 256 MB", unit: "ms", figure: "ms", targets: [floor(1.15)] },
      { title: "its peak memory", unit: "MB", figure: "peak", targets: [floor(1.15)] },
    ],
  },
  {
    id: "close",
    sample: "close",
    adapters: all,
    settings: { heartbeat: true },
    rows: [{ title: "process ends after close, app with state", unit: "ms", figure: "ms", targets: [floor(2)] }],
  },
  {
    id: "gradio-predict",
    sample: "sequential",
    adapters: all,
    rounds: 2,
    gradio: true,
    settings: { calls: 40 },
    py: { calls: 10 },
    rows: [{ title: "real Gradio: sequential predict", unit: "ms", figure: "ms", targets: [floor(1.15)] }],
  },
  {
    id: "gradio-events",
    sample: "events",
    adapters: inNode,
    rounds: 2,
    gradio: true,
    settings: { endpoint: "steps", outputs: 500 },
    rows: [{ title: "real Gradio: 500 events", unit: "µs CPU/event", figure: "warm", targets: [floor(1.25)] }],
  },
];
