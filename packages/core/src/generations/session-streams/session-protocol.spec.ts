import type { Observer } from "rxjs";
import { beforeAll, expect, test, vi } from "vitest";
import { RetryBudget } from "../../http/retry.ts";
import { Secrets } from "../../http/secrets.ts";
import { Http } from "../../http/request.ts";
import { CallEnd, type PreparedCall, type ProtocolMessage } from "../../protocol/protocol.ts";
import type { Transport, TransportRequest } from "../../transport.ts";
import type { Traits } from "../generation.ts";
import { AppIdentity } from "../../protocol/app-identity.ts";
import { SessionProtocol } from "./session-protocol.ts";

// The first request loads it, which takes longer than `turn` in a page of a loaded machine.
// oxlint-disable-next-line no-restricted-imports -- only to have it loaded
beforeAll(async () => void (await import("ky")));

// On a busy machine, joins are slow, and so are the waits that depend on them.
vi.setConfig({ testTimeout: 30_000 });

/** A request that the script answers when it likes. */
interface Asked {
  path: string;
  body: Record<string, unknown>;
  signal: AbortSignal;
  answer: (response: Response) => void;
}

/** A server by script: every request waits for its answer, every stream for its messages. */
class Script implements Transport {
  readonly asked: Asked[] = [];

  async send(request: TransportRequest): Promise<Response> {
    const { body: text = "" } = request;
    return await new Promise((answer, reject) => {
      const path = new URL(request.url).pathname;
      request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
      const body = (text === "" ? {} : JSON.parse(text as string)) as Record<string, unknown>;
      this.asked.push({ path, body, signal: request.signal, answer });
    });
  }

  upload(): Promise<Response> {
    throw new Error("no uploads here");
  }

  of(path: string): Asked[] {
    return this.asked.filter((one) => one.path === path);
  }
}

/** The reader's side of an event stream. */
function stream(asked: Asked) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  asked.answer(new Response(new ReadableStream({ start: (given) => void (controller = given) })));
  asked.signal.addEventListener("abort", () => {
    try {
      controller.error(asked.signal.reason);
    } catch {
      // It had ended.
    }
  });
  return {
    say: (...messages: object[]) => {
      for (const message of messages)
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
    },
    write: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
  };
}

function setUp(traits: Traits = { diffs: true, unquote: null, cancels: true, dequeues: true, remembers: true }) {
  const script = new Script();
  const http = new Http({
    transport: script,
    base: new URL("http://app.test/"),
    credentials: {},
    timeout: 30_000,
    retry: { limit: 0, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
    secrets: new Secrets(),
    limits: {
      event: 1_000_000,
      body: 1_000_000,
      depth: 100,
      pendingMessages: 5,
      pendingBytes: 1_000_000,
      logs: 1_000_000,
    },
    closed: new AbortController().signal,
  });
  const app = new AppIdentity(http, () => ({ prefix: "", id: 1, heartbeat: false }));
  const settings = { http, prefix: "", traits, heartbeat: false, app };
  const protocol = new SessionProtocol("session", settings);
  const call = (fnIndex = 0, more: Partial<PreparedCall> = {}) => {
    const messages: string[] = [];
    const ending = new AbortController();
    let end: unknown = null;
    let lastActivity: () => number | null = () => null;
    const observer: Partial<Observer<ProtocolMessage>> = {
      next: (message) => {
        if (message.kind === "sent") lastActivity = message.lastActivity;
        else messages.push(message.kind);
      },
      error: (error: unknown) => (end = error),
      complete: () => (end = "complete"),
    };
    const prepared = {
      endpoint: "/f",
      fnIndex,
      byName: false,
      data: [],
      inputNames: [],
      queued: true,
      stateful: false,
      isolate: false,
      attempt: 1,
      deadline: Infinity,
      ...more,
    };
    const run = (attempt: number) => protocol.run({ ...prepared, attempt }, ending.signal).subscribe(observer);
    const subscription = run(1);
    /** Cancels the call; settles when the app knows, or need not. */
    const cancel = (): Promise<void> => {
      const reason = new CallEnd("cancelled", new Error("cancelled"));
      ending.abort(reason);
      subscription.unsubscribe();
      return reason.settled;
    };
    return {
      messages,
      prepared,
      subscription,
      cancel,
      lastActivity: () => lastActivity(),
      end: () => end,
      again: () => run(2),
    };
  };
  return { script, protocol, call };
}

const turn = async (times = 20) => {
  for (let count = 0; count < times; count++) await new Promise((resolve) => setTimeout(resolve));
};
const accept = async (script: Script, index: number, eventId: string) => {
  await turn();
  script.of("/queue/join")[index]!.answer(Response.json({ event_id: eventId }));
  await turn();
};
const starts = (id: string) => ({ msg: "process_starts", event_id: id });
const waits = (id: string) => ({ msg: "estimation", event_id: id, rank: 0, queue_size: 1 });
const done = (id: string) => ({ msg: "process_completed", event_id: id, success: true, output: { data: [1] } });
const cancelled = (id: string) => ({ msg: "process_completed", event_id: id, success: true, output: {} });
const goodbye = { msg: "close_stream", event_id: null };

/** Two calls of one function, `a` and `b`, that the app has taken, and what it says of them first. */
const siblings = async (...said: object[]) => {
  const { script, protocol, call } = setUp();
  const [doomed, sibling] = [call(7), call(7)];
  await accept(script, 0, "a");
  await accept(script, 1, "b");
  const events = stream(script.of("/queue/data")[0]!);
  events.say(...said);
  await turn();
  return { script, protocol, call, doomed, sibling, events };
};

test("messages that come before the reply of their join are kept for their call", async () => {
  const { script, call } = setUp();
  const first = call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  const second = call();
  await turn();
  events.say(starts("b"), done("b"));
  await turn();
  expect(second.messages).toEqual([]);
  await accept(script, 1, "b");
  expect(second.messages).toEqual(["accepted", "process_starts", "process_completed"]);
  expect(second.end()).toBe("complete");
  expect(first.end()).toBeNull();
});

test("early messages are bounded: beyond the bound the joins on their way fail", async () => {
  const { script, call } = setUp();
  call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  const second = call();
  await turn();
  events.say(...Array.from({ length: 9 }, () => starts("b")));
  await turn();
  expect(second.end()).toMatchObject({ code: "protocol" });
});

test("messages of a call that has ended take no room from pending joins", async () => {
  const { script, call } = setUp();
  call(1);
  call(2);
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  await accept(script, 1, "b");
  events.say(done("a"));
  const late = call(3);
  await turn();
  events.say(...Array.from({ length: 50 }, () => starts("a")));
  await turn();
  expect(late.end()).toBeNull();
});

test("one stream carries all calls; the next call after its `close_stream` opens another", async () => {
  const { script, call } = setUp();
  const [first, second] = [call(0), call(1)];
  await accept(script, 0, "a");
  await accept(script, 1, "b");
  expect(script.of("/queue/data")).toHaveLength(1);
  const events = stream(script.of("/queue/data")[0]!);
  events.say(done("b"), done("a"), goodbye);
  events.end();
  await turn();
  expect([first.end(), second.end()]).toEqual(["complete", "complete"]);
  call();
  await accept(script, 2, "c");
  expect(script.of("/queue/data")).toHaveLength(2);
});

test("a call that was accepted while the app closed the stream gets another stream; the old connection ends by itself", async () => {
  const { script, call } = setUp();
  call();
  await accept(script, 0, "a");
  const old = stream(script.of("/queue/data")[0]!);
  const late = call();
  await accept(script, 1, "b");
  old.say(done("a"), goodbye);
  await turn();
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(false);
  expect(script.of("/queue/data")).toHaveLength(2);
  const fresh = stream(script.of("/queue/data")[1]!);
  fresh.say(starts("b"), done("b"));
  await turn();
  expect(late.end()).toBe("complete");
});

test("a `close_stream` in the middle of a call's messages fails that call at once", async () => {
  const { script, call } = setUp();
  const lost = call();
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).say(starts("a"), goodbye);
  await turn();
  expect(lost.end()).toMatchObject({ code: "connection", accepted: true });
});

test("the end of the stream, even a clean one, fails all calls on it: accepted ones with `accepted: true`, joins under way with `null`", async () => {
  const { script, call } = setUp();
  const taken = call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  const joining = call(1);
  await turn();
  events.end();
  await turn();
  expect(taken.end()).toMatchObject({ code: "connection", accepted: true });
  expect(joining.end()).toMatchObject({ code: "connection", accepted: null });
});

test("a session that the app does not know fails its calls with SessionLostError", async () => {
  const { script, call } = setUp();
  const lost = call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  events.say({ msg: "unexpected_error", event_id: null, message: "404: Not Found", session_not_found: true });
  await turn();
  expect(lost.messages.at(-1)).toBe("unexpected_error");
});

test("junk on the stream: an event that is not JSON fails the calls on it; JSON that is not a message is ignored", async () => {
  const { script, call } = setUp();
  const fine = call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  events.say([], { msg: 5 }, {}, { msg: "heartbeat", event_id: null }, { msg: "x", event_id: "__proto__" }, done("a"));
  await turn();
  expect(fine.end()).toBe("complete");
  const lost = call();
  await turn();
  await vi.waitFor(() => expect(script.of("/queue/join")).toHaveLength(2), { timeout: 10_000 });
  await accept(script, 1, "b");
  events.write("data: <html>\n\n");
  await turn();
  expect(lost.end()).toMatchObject({ code: "protocol" });
});

test("an event that is not JSON fails its own call, which is cancelled at the app; the other calls of the stream go on", async () => {
  const { script, call } = setUp();
  const broken = call(7);
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  const fine = call(8);
  await accept(script, 1, "b");
  events.say(starts("a"), starts("b"));
  events.write('data: {"msg":"process_generating","event_id":"a","success":true,"output":{"data":[NaN]}}\n\n');
  await turn();
  expect(broken.messages.at(-1)).toBe("process_generating");
  expect(fine.end()).toBeNull();
  // The reader of the call fails for the output.
  broken.subscription.unsubscribe();
  await turn();
  expect(script.of("/cancel").map(({ body }) => body["event_id"])).toEqual(["a"]);
  events.say(done("b"));
  await turn();
  expect(fine.end()).toBe("complete");
});

test("an event that is not JSON and names a call in its output only fails the calls on the stream", async () => {
  const { script, call } = setUp();
  const one = call();
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).write('data: {"output":{"msg":"process_completed","event_id":"a"},"x":NaN}\n\n');
  await turn();
  expect(one.end()).toMatchObject({ code: "protocol" });
});

test("a queued call with a running sibling is cancelled with an index that fits no task; if it starts all the same, with the true one", async () => {
  const { script, doomed, events } = await siblings(waits("a"), starts("b"));
  doomed.subscription.unsubscribe();
  await vi.waitFor(() => expect(script.of("/cancel")).toHaveLength(1), { timeout: 10_000 });
  expect(script.of("/cancel").map(({ body }) => body)).toEqual([
    { session_hash: "session", fn_index: -1, event_id: "a" },
  ]);
  events.say(done("b"), starts("a"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => body["fn_index"])).toEqual([-1, 7]);
});

test("a queued call that may be starting is not removed from the queue; once it has started, its cancel waits for its sibling", async () => {
  const { script, doomed, events } = await siblings(waits("a"), starts("b"));
  doomed.subscription.unsubscribe();
  await turn();
  events.say(starts("a"));
  await turn();
  expect(script.of("/cancel")).toEqual([]);
  events.say(done("b"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => body["fn_index"])).toEqual([7]);
});

test("a queued call without a running sibling is cancelled with its true index, as it may be starting", async () => {
  const { script, call } = setUp();
  const one = call(7);
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).say(waits("a"));
  await turn();
  const told = one.cancel();
  await turn();
  expect(script.of("/cancel").map(({ body }) => [body["event_id"], body["fn_index"]])).toEqual([["a", 7]]);
  script.of("/cancel")[0]!.answer(Response.json({ success: true }));
  await told;
});

test("a lost call is cancelled with its true index on the next stream, when no sibling would be stopped", async () => {
  const { script, call } = setUp();
  const lost = call(7);
  await accept(script, 0, "a");
  const first = stream(script.of("/queue/data")[0]!);
  first.say(starts("a"));
  await turn();
  first.end();
  await turn();
  expect(lost.end()).toMatchObject({ code: "connection", accepted: true });
  const [sibling, other] = [call(7), call(8)];
  await vi.waitFor(() => expect(script.of("/queue/join")).toHaveLength(3), { timeout: 10_000 });
  await accept(script, 1, "b");
  await accept(script, 2, "c");
  const second = stream(script.of("/queue/data")[1]!);
  second.say(starts("b"), starts("c"));
  await turn();
  expect(script.of("/cancel")).toEqual([]);
  second.say(done("b"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => [body["event_id"], body["fn_index"]])).toEqual([["a", 7]]);
  expect([sibling.end(), other.end()]).toEqual(["complete", null]);
});

test("a call that is left before its id is known is cancelled when the id comes, as its phase demands", async () => {
  const { script, call } = setUp();
  const one = call(7);
  await turn();
  one.subscription.unsubscribe();
  await turn();
  expect(script.of("/queue/join")[0]!.signal.aborted).toBe(false);
  expect(script.of("/cancel")).toEqual([]);
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).say(starts("a"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => [body["fn_index"], body["event_id"]])).toEqual([[7, "a"]]);
});

test("a cancel waits for running siblings; new calls go out meanwhile, in the same session", async () => {
  const { script, call, doomed, sibling, events } = await siblings(starts("a"), starts("b"));
  await doomed.cancel();
  expect(script.of("/cancel")).toEqual([]);
  call(7);
  call(8);
  call(7, { stateful: true });
  await turn();
  const hashes = script.of("/queue/join").map(({ body }) => body["session_hash"]);
  expect(hashes.slice(2)).toEqual(["session", "session", "session"]);
  // The new calls of the function may be running: they have to end, too, before the cancel is sent.
  await accept(script, 2, "c");
  await accept(script, 4, "e");
  events.say(starts("c"), starts("e"), done("b"), done("c"));
  await turn();
  expect(sibling.end()).toBe("complete");
  expect(script.of("/cancel")).toEqual([]);
  events.say(done("e"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => body["event_id"])).toEqual(["a"]);
});

test("a cancel spares a sibling that received its place in the queue just now, as it may be starting", async () => {
  const { script, doomed, events } = await siblings(starts("a"), waits("b"));
  await doomed.cancel();
  events.say(starts("b"));
  await turn();
  expect(script.of("/cancel")).toEqual([]);
  events.say(done("b"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => body["event_id"])).toEqual(["a"]);
});

test("a cancel does not wait for a sibling that goes on waiting, as it may wait for what is to be cancelled", async () => {
  const { script, doomed } = await siblings(starts("a"), waits("b"));
  doomed.subscription.unsubscribe();
  await vi.waitFor(() => expect(script.of("/cancel").map(({ body }) => body["event_id"])).toEqual(["a"]), {
    timeout: 10_000,
  });
});

test("while a cancel travels, new calls of that function are held back, and others are not", async () => {
  const { script, call } = setUp();
  const doomed = call(7);
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  events.say(starts("a"));
  await turn();
  doomed.subscription.unsubscribe();
  call(7);
  call(8);
  await turn();
  expect(script.of("/queue/join").map(({ body }) => body["fn_index"])).toEqual([7, 8]);
  script.of("/cancel")[0]!.answer(Response.json({ success: true }));
  events.say(cancelled("a"));
  await turn();
  expect(script.of("/queue/join").map(({ body }) => body["fn_index"])).toEqual([7, 8, 7]);
});

test("a call that starts while a sibling's cancel travels is watched by its own messages alone", async () => {
  const { script, doomed, sibling: behind, events } = await siblings(starts("a"), waits("b"));
  doomed.subscription.unsubscribe();
  await vi.waitFor(() => expect(script.of("/cancel")).toHaveLength(1), { timeout: 10_000 });
  // The first ended by itself, so the cancel that is still on its way may hit the second.
  events.say(done("a"), starts("b"));
  await turn();
  const last = behind.lastActivity();
  await new Promise((resolve) => setTimeout(resolve, 20));
  events.say({ msg: "heartbeat", event_id: null });
  await turn();
  expect(behind.lastActivity()).toBe(last);
});

test("closing cancels running calls at the app, and leaves no request open", async () => {
  const { script, protocol, call } = setUp();
  const running = call(7);
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).say(starts("a"));
  await turn();
  running.subscription.unsubscribe();
  await protocol.close(50);
  expect(script.of("/cancel")).toHaveLength(1);
  expect(script.of("/queue/data").every(({ signal }) => signal.aborted)).toBe(true);
});

test("closing waits for the answer to a cancel that was sent when its sibling ended", async () => {
  const { script, protocol, doomed, events } = await siblings(starts("a"), starts("b"));
  await doomed.cancel();
  events.say(done("b"));
  await turn();
  const [cancel] = script.of("/cancel");
  let isClosed = false;
  const closing = protocol.close(10_000).then(() => (isClosed = true));
  await turn();
  expect([isClosed, cancel!.signal.aborted]).toEqual([false, false]);
  cancel!.answer(Response.json({ success: true }));
  await closing;
  expect(cancel!.signal.aborted).toBe(false);
});

test("after a lost stream no call is sent before the app has swept the session", async () => {
  const { script, call } = setUp();
  call();
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).end();
  await turn();
  const next = call();
  await turn(5);
  expect(script.of("/queue/join")).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 400));
  await accept(script, 1, "b");
  stream(script.of("/queue/data")[1]!).say(done("b"));
  await turn();
  expect(next.end()).toBe("complete");
});

test("a stream that ends when no call is on it was closed by the app: a join under way is not affected, and no call is held", async () => {
  const { script, call } = setUp();
  const first = call();
  await accept(script, 0, "a");
  const events = stream(script.of("/queue/data")[0]!);
  const joining = call(1);
  await turn();
  events.say(done("a"));
  events.end();
  await turn();
  expect(first.end()).toBe("complete");
  expect(joining.end()).toBeNull();
  call(2);
  await accept(script, 1, "b");
  expect(script.of("/queue/join")).toHaveLength(3);
  stream(script.of("/queue/data")[1]!).say(done("b"));
  await turn();
  expect(joining.end()).toBe("complete");
});

test("a cancelled call that the app never ends holds no stream open", async () => {
  const { script, call } = setUp();
  const one = call(7);
  await accept(script, 0, "a");
  stream(script.of("/queue/data")[0]!).say(starts("a"));
  await turn();
  one.subscription.unsubscribe();
  await turn();
  script.of("/cancel")[0]!.answer(Response.json({ success: true }));
  await new Promise((resolve) => setTimeout(resolve, 2_300));
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(true);
});

test("a call whose stream brings no message is cancelled all the same", async () => {
  const { script, call } = setUp();
  const one = call(7);
  await accept(script, 0, "a");
  one.subscription.unsubscribe();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(script.of("/cancel").map(({ body }) => body["event_id"])).toEqual(["a"]);
});

test("two calls with one id are not two calls", async () => {
  const { script, call } = setUp();
  call();
  const second = call();
  await accept(script, 0, "a");
  await accept(script, 1, "a");
  expect(second.end()).toMatchObject({ code: "protocol" });
});

test("where the app cannot cancel one call, a call alone on its stream is stopped by the end of the stream", async () => {
  const { script, call } = setUp({
    diffs: true,
    unquote: null,
    cancels: false,
    dequeues: false,
    remembers: false,
  });
  const [one, other] = [call(7), call(8)];
  await accept(script, 0, "a");
  await accept(script, 1, "b");
  stream(script.of("/queue/data")[0]!).say(starts("a"), starts("b"));
  await turn();
  await one.cancel();
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(false);
  other.subscription.unsubscribe();
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(true);
  await turn();
  expect(script.of("/cancel")).toEqual([]);
});

test("where a reset comes before the app has anything to stop, the next message of the call sends another", async () => {
  const { script, call } = setUp({
    diffs: true,
    unquote: null,
    cancels: false,
    dequeues: false,
    remembers: false,
  });
  const [one] = [call(7), call(8)];
  await accept(script, 0, "a");
  await accept(script, 1, "b");
  const events = stream(script.of("/queue/data")[0]!);
  events.say(starts("a"), starts("b"));
  await turn();
  one.subscription.unsubscribe();
  await turn();
  expect(script.of("/reset").map(({ body }) => body)).toEqual([{ event_id: "a" }]);
  events.say({ msg: "progress", event_id: "a", progress_data: [] });
  await turn();
  expect(script.of("/reset")).toHaveLength(1);
  script.of("/reset")[0]!.answer(Response.json({ success: false }));
  await turn();
  events.say({ msg: "progress", event_id: "a", progress_data: [] });
  await turn();
  expect(script.of("/reset")).toHaveLength(2);
  script.of("/reset")[1]!.answer(Response.json({ success: true }));
  await turn();
  events.say({ msg: "progress", event_id: "a", progress_data: [] });
  await turn();
  expect(script.of("/reset")).toHaveLength(2);
});

test("where a cancel leaves a call in the queue, it is stopped as it starts, or by the end of a stream that it is alone on", async () => {
  const { script, call } = setUp({
    diffs: true,
    unquote: null,
    cancels: true,
    dequeues: false,
    remembers: false,
  });
  const [one, other] = [call(7), call(8)];
  await accept(script, 0, "a");
  await accept(script, 1, "b");
  const events = stream(script.of("/queue/data")[0]!);
  events.say(waits("a"), waits("b"));
  await turn();
  await one.cancel();
  expect(script.of("/cancel")).toEqual([]);
  events.say(starts("a"));
  await turn();
  expect(script.of("/cancel").map(({ body }) => [body["event_id"], body["fn_index"]])).toEqual([["a", 7]]);
  script.of("/cancel")[0]!.answer(Response.json({ success: true }));
  events.say(cancelled("a"));
  await turn();
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(false);
  other.subscription.unsubscribe();
  expect(script.of("/queue/data")[0]!.signal.aborted).toBe(true);
});

test("after `close_stream`, join and stream of the next call travel together", async () => {
  const { script, call } = setUp();
  call();
  await accept(script, 0, "a");
  const first = stream(script.of("/queue/data")[0]!);
  first.say(starts("a"), done("a"), goodbye);
  first.end();
  await turn();
  const next = call();
  await turn();
  expect(script.of("/queue/join")).toHaveLength(2);
  expect(script.of("/queue/data")).toHaveLength(2);
  const second = stream(script.of("/queue/data")[1]!);
  second.say(starts("b"), done("b"), goodbye);
  await accept(script, 1, "b");
  expect(next.end()).toBe("complete");
});

test("where the app has forgotten the session, a stream that came ahead of its call is opened once more", async () => {
  const { script, call } = setUp();
  call();
  await accept(script, 0, "a");
  const first = stream(script.of("/queue/data")[0]!);
  first.say(done("a"), goodbye);
  first.end();
  await turn();
  const next = call();
  await turn();
  const ahead = stream(script.of("/queue/data")[1]!);
  ahead.say({ msg: "unexpected_error", event_id: null, message: "404: Not Found", session_not_found: true });
  ahead.end();
  await accept(script, 1, "b");
  expect(script.of("/queue/data")).toHaveLength(3);
  stream(script.of("/queue/data")[2]!).say(starts("b"), done("b"));
  await turn();
  expect(next.end()).toBe("complete");
});

test("calls without state that run again after a loss share one new session", async () => {
  const { script, call } = setUp();
  const [one, other, stateful] = [call(7), call(8), call(9, { stateful: true })];
  for (const [index, id] of ["a", "b", "c"].entries()) await accept(script, index, id);
  stream(script.of("/queue/data")[0]!).end();
  await turn();
  expect(one.end()).toMatchObject({ code: "connection", accepted: true });
  for (const lost of [one, other]) lost.again();
  await turn();
  const hashes = script.of("/queue/join").map(({ body }) => body["session_hash"]);
  expect(hashes.slice(0, 3)).toEqual(["session", "session", "session"]);
  expect(hashes[3]).not.toBe("session");
  expect(hashes[4]).toBe(hashes[3]);
  // With state there is no other session: it waits until the app has swept this one.
  stateful.again();
  await vi.waitFor(() => expect(script.of("/queue/join")).toHaveLength(6), { timeout: 10_000 });
  expect(script.of("/queue/join")[5]!.body["session_hash"]).toBe("session");
});

test("a run's number decides whether it runs again: a second subscription of the first run is another first run", async () => {
  const { script, call, protocol } = setUp();
  const lost = call(7);
  await accept(script, 0, "a");
  const run$ = protocol.run({ ...lost.prepared, fnIndex: 8 }, new AbortController().signal);
  run$.subscribe({ error: () => undefined });
  await turn();
  stream(script.of("/queue/data")[0]!).end();
  await turn();
  run$.subscribe({ error: () => undefined });
  await vi.waitFor(() => expect(script.of("/queue/join")).toHaveLength(3), { timeout: 10_000 });
  expect(script.of("/queue/join").map(({ body }) => body["session_hash"])).toEqual(["session", "session", "session"]);
});
