import { expect, test, vi } from "vitest";
import { ConnectionError, InputError, QueueFullError } from "../errors.ts";
import type { CallOptions, MapOptions } from "../options.ts";
import type { Job } from "./job.ts";
import { mapLoop } from "./map.ts";
import type { Inputs } from "./map-loop.ts";

/** A call that the test ends. */
interface Call {
  data: unknown;
  options: CallOptions;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  cancelled: boolean;
}

function start(inputs: Inputs<unknown>, options: MapOptions = {}, defaults: CallOptions = {}) {
  const calls: Call[] = [];
  const running = new Set<(error: unknown) => void>();
  const submit = (data: unknown, each: CallOptions): Job => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const fail = (error: unknown): void => {
      each.onError?.(error);
      reject(error);
    };
    const call = { data, options: each, resolve, reject: fail, cancelled: false };
    calls.push(call);
    const cancel = async (): Promise<boolean> => (call.cancelled = true);
    return { result: () => promise, cancel } as unknown as Job;
  };
  const loop = mapLoop<unknown, unknown>(inputs, options, {
    defaults,
    running,
    closed: null,
    submit,
  });
  return { calls, running, loop };
}

const turn = async (times = 10): Promise<void> => {
  for (let count = 0; count < times; count++) await Promise.resolve();
};

test("no more than `concurrency` calls run, and outcomes that were not taken count as running", async () => {
  const { calls, loop } = start([["a"], ["b"], ["c"], ["d"]], { concurrency: 2 });
  const first = loop.next();
  await turn();
  expect(calls.map(({ data }) => data)).toEqual([["a"], ["b"]]);
  calls[1]!.resolve("B");
  expect(await first).toEqual({ done: false, value: { index: 1, input: ["b"], result: "B" } });
  await turn();
  expect(calls).toHaveLength(3);
  calls[0]!.resolve("A");
  await turn();
  expect(calls).toHaveLength(3);
  expect((await loop.next()).value).toMatchObject({ index: 0, input: ["a"], result: "A" });
  await turn();
  expect(calls).toHaveLength(4);
});

test("with `ordered`, outcomes come in the order of the inputs, whichever ends first", async () => {
  const { calls, loop } = start([["a"], ["b"], ["c"]], { ordered: true });
  const steps = [loop.next(), loop.next(), loop.next(), loop.next()];
  await turn();
  calls[2]!.resolve("C");
  calls[1]!.reject(new Error("no B"));
  await turn();
  calls[0]!.resolve("A");
  const items = await Promise.all(steps);
  expect(items.map(({ value }) => value?.index)).toEqual([0, 1, 2, undefined]);
  expect(items[1]).toMatchObject({ value: { error: new Error("no B") } });
});

test("an input is called again while its error is worth another attempt; only the last error is reported", async () => {
  vi.useFakeTimers();
  const onError = vi.fn<(error: unknown, index: number) => void>();
  const { calls, loop } = start([["a"]], { retry: { attempts: 3 }, onError });
  const step = loop.next();
  await turn();
  calls[0]!.reject(new QueueFullError("The queue is full."));
  await vi.runAllTimersAsync();
  calls[1]!.reject(new ConnectionError("refused", { accepted: false }));
  await vi.runAllTimersAsync();
  expect(onError).not.toHaveBeenCalled();
  const last = new QueueFullError("The queue is still full.");
  calls[2]!.reject(last);
  expect(await step).toMatchObject({ value: { index: 0, input: ["a"], error: last } });
  expect(calls).toHaveLength(3);
  expect(onError.mock.calls).toEqual([[last, 0]]);
  vi.useRealTimers();
});

test("a call that may have run is not repeated, unless `when` says so", async () => {
  vi.useFakeTimers();
  const lost = new ConnectionError("lost", { accepted: true });
  const once = start([["a"]], { retry: { attempts: 3 } });
  const step = once.loop.next();
  await turn();
  once.calls[0]!.reject(lost);
  expect(await step).toMatchObject({ value: { error: lost } });

  const again = start([["a"]], { retry: { attempts: 2, when: (error) => error === lost } });
  const result = again.loop.next();
  await turn();
  again.calls[0]!.reject(lost);
  await vi.runAllTimersAsync();
  again.calls[1]!.resolve("A");
  expect(await result).toMatchObject({ value: { result: "A" } });
  vi.useRealTimers();
});

test("an error that `when` throws ends the loop, which cancels the other calls", async () => {
  const thrown = new Error("no answer");
  const when = (): boolean => {
    throw thrown;
  };
  const { calls, loop, running } = start([["a"], ["b"]], { retry: { attempts: 2, when } });
  const step = loop.next();
  await turn();
  calls[0]!.reject(new QueueFullError("The queue is full."));
  await expect(step).rejects.toBe(thrown);
  expect(await loop.next()).toEqual({ done: true, value: undefined });
  expect({ cancelled: calls[1]!.cancelled, running: running.size }).toEqual({ cancelled: true, running: 0 });
});

test("a generator of inputs that aborts the loop's signal is closed after its step", async () => {
  const abort = new AbortController();
  const reason = new Error("enough");
  let closed = false;
  function* inputs(): Generator {
    try {
      yield ["a"];
      abort.abort(reason);
      yield ["b"];
    } finally {
      closed = true;
    }
  }
  const { calls, loop, running } = start(inputs(), { signal: abort.signal });
  await expect(loop.next()).rejects.toBe(reason);
  await turn();
  expect({ closed, calls: calls.length, running: running.size }).toEqual({ closed: true, calls: 1, running: 0 });
});

test("leaving the loop cancels what runs, and ends the pause before another attempt", async () => {
  let closed = false;
  function* inputs(): Generator {
    try {
      for (;;) yield ["x"];
    } finally {
      closed = true;
    }
  }
  const { calls, loop, running } = start(inputs(), { concurrency: 2, retry: { attempts: 9 } });
  const step = loop.next();
  await turn();
  calls[0]!.reject(new QueueFullError("The queue is full."));
  await turn();
  await loop.return();
  expect(await step).toEqual({ done: true, value: undefined });
  await turn();
  expect({ closed, running: running.size }).toEqual({ closed: true, running: 0 });
  expect(calls.map(({ cancelled }) => cancelled)).toEqual([false, true]);
  expect(calls).toHaveLength(2);
});

test("callbacks get the index of the input as their second argument", async () => {
  const onStatus = vi.fn<(event: unknown, index: number) => void>();
  const first = vi.fn<(result: unknown, index: number) => void>();
  const { calls, loop } = start([["a"], ["b"]], { onStatus, resultCallbacks: [first] });
  const step = loop.next();
  await turn();
  const status = {} as never;
  calls[1]!.options.onStatus!(status);
  calls[1]!.options.resultCallbacks![0]!("B");
  expect([onStatus.mock.calls, first.mock.calls]).toEqual([[[status, 1]], [["B", 1]]]);
  calls[0]!.resolve("A");
  await step;
});

test("a bare file is the data of its call; any other input is passed on as it is", async () => {
  const blob = new Blob(["x"]);
  const bytes = new Uint8Array(3);
  const fields = { image: blob };
  const { calls, loop } = start([blob, bytes, fields, [blob]]);
  void loop.next();
  await turn(20);
  expect(calls.map(({ data }) => data)).toEqual([[blob], [bytes], fields, [blob]]);
  expect(calls[0]!.data).toEqual([blob]);
});

test.each([{ retry: {} }, { retry: { attempts: 0 } }, { retry: { attempts: 2, if: 1 } }, { ordered: "yes" }])(
  "the options %j are refused",
  (options) => {
    expect(() => start([], options as unknown as MapOptions)).toThrow(InputError);
  },
);
