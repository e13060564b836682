import { beforeAll, expect, test } from "vitest";
import { RetryBudget } from "../../http/retry.ts";
import { Secrets } from "../../http/secrets.ts";
import { Http } from "../../http/request.ts";
import { CallEnd, type PreparedCall, type Protocol, type ProtocolMessage } from "../../protocol/protocol.ts";
import { AppIdentity } from "../../protocol/app-identity.ts";
import type { SocketRequest, Transport, TransportRequest } from "../../transport.ts";
import { unquote } from "../choose.ts";
import { webSockets } from "../gradio3/websocket.ts";
import { callEventStreams } from "../sse/event-stream-call.ts";

// The first request loads it, which takes longer than `turn` in a page of a loaded machine.
// oxlint-disable-next-line no-restricted-imports -- only to have it loaded
beforeAll(async () => void (await import("ky")));

/** A WebSocket of Gradio 3, from the app's side. */
class ScriptedSocket {
  readonly request: SocketRequest;
  readonly sent: Record<string, unknown>[] = [];

  constructor(request: SocketRequest) {
    this.request = request;
  }
  say(...messages: object[]): void {
    for (const message of messages) this.request.onMessage(JSON.stringify(message));
  }
}

/** Requests that the test answers, and sockets that it speaks on. */
class Script implements Transport {
  readonly sockets: ScriptedSocket[] = [];
  readonly requests: { request: TransportRequest; answer: (response: Response) => void }[] = [];

  send(request: TransportRequest): Promise<Response> {
    return new Promise((answer, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      this.requests.push({ request, answer });
    });
  }
  upload(): Promise<Response> {
    throw new Error("nothing is uploaded here");
  }
  openSocket(request: SocketRequest): { send: (text: string) => void } {
    const socket = new ScriptedSocket(request);
    this.sockets.push(socket);
    return { send: (text) => void socket.sent.push(JSON.parse(text) as Record<string, unknown>) };
  }
  /** Requests so far, by path. */
  of(path: string): Script["requests"] {
    return this.requests.filter(({ request }) => new URL(request.url).pathname === path);
  }
}

function setUp(make: (...given: Parameters<typeof webSockets>) => Protocol, timeout = 30_000) {
  const script = new Script();
  const retry = { limit: 0, minDelay: 1, maxDelay: 1, budget: new RetryBudget() };
  const limits = {
    event: 10_000,
    body: 1_000_000,
    depth: 100,
    pendingMessages: 5,
    pendingBytes: 1_000_000,
    logs: 1_000_000,
  };
  const closed = new AbortController().signal;
  const http = new Http({
    transport: script,
    base: new URL("http://app.test/"),
    credentials: {},
    timeout,
    retry,
    secrets: new Secrets(),
    limits,
    closed,
  });
  const traits = { diffs: false, unquote };
  const protocol = make("session", {
    http,
    prefix: "",
    traits,
    app: new AppIdentity(http, () => ({ prefix: "", id: 1, heartbeat: false })),
  });
  const states: string[] = [];
  protocol.state$.subscribe((state) => states.push(state));
  const call = (more: Partial<PreparedCall> = {}) => {
    const messages: ProtocolMessage[] = [];
    let end: unknown = null;
    const ending = new AbortController();
    const base = {
      endpoint: "/f",
      fnIndex: 3,
      byName: false,
      data: ["in"],
      inputNames: [],
      queued: true,
      stateful: false,
      isolate: false,
      attempt: 1,
      deadline: Infinity,
    };
    const subscription = protocol.run({ ...base, ...more }, ending.signal).subscribe({
      next: (message) => message.kind !== "sent" && messages.push(message),
      error: (error: unknown) => (end = error),
      complete: () => (end = "complete"),
    });
    const reason = new CallEnd("cancelled", new Error("cancelled"));
    const cancel = (): void => {
      ending.abort(reason);
      subscription.unsubscribe();
    };
    return {
      kinds: () => messages.map(({ kind }) => kind),
      messages,
      cancel,
      told: () => reason.settled,
      end: () => end,
    };
  };
  return { script, protocol, call, states };
}

const turn = async (times = 20): Promise<void> => {
  for (let count = 0; count < times; count++) await new Promise((resolve) => setTimeout(resolve));
};
const waits = { msg: "estimation", rank: 0, queue_size: 1 };
const wanted = { msg: "send_data" };
const starts = { msg: "process_starts" };
const done = { msg: "process_completed", success: true, output: { data: ["out"] } };

/** The event stream that answers a request. */
function stream(answer: (response: Response) => void) {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  answer(new Response(new ReadableStream({ start: (given) => void (controller = given) })));
  return {
    say: (...messages: object[]) => {
      for (const message of messages)
        controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
    },
    end: () => controller.close(),
  };
}

test("an app requests the session hash and the data over a WebSocket, and sends the call's messages on it", async () => {
  const { script, call, states } = setUp(webSockets);
  const one = call();
  await turn();
  const socket = script.sockets[0]!;
  expect(socket.request.url.href).toBe("ws://app.test/queue/join");
  socket.say({ msg: "send_hash" }, waits, wanted, starts, { msg: "heartbeat" }, done);
  await turn();
  expect(socket.sent[0]).toEqual({ fn_index: 3, session_hash: "session" });
  expect(socket.sent[1]).toMatchObject({ fn_index: 3, session_hash: "session", data: ["in"] });
  expect(one.kinds()).toEqual(["accepted", "estimation", "process_starts", "process_completed"]);
  expect(one.end()).toBe("complete");
  expect(socket.request.signal.aborted).toBe(true);
  expect(states).toEqual(["idle", "connecting", "open", "idle"]);
});

test("a lost socket fails its call alone, and says whether the app had its data", async () => {
  const { script, call, states } = setUp(webSockets);
  const [early, late, other] = [call({ fnIndex: 1 }), call({ fnIndex: 2 }), call({ fnIndex: 3 })];
  await turn();
  const [first, second, third] = script.sockets;
  first!.say({ msg: "send_hash" }, waits);
  second!.say({ msg: "send_hash" }, waits, wanted, starts);
  first!.request.onClose(1006, new Error("reset"));
  second!.request.onClose(1000, undefined);
  expect(early.end()).toMatchObject({ code: "connection", accepted: false });
  expect(late.end()).toMatchObject({ code: "connection", accepted: true });
  expect(other.end()).toBeNull();
  third!.request.onClose(1008, undefined);
  await turn();
  expect(other.end()).toMatchObject({ code: "authentication" });
  expect(states.at(-1)).not.toBe("open");
});

test("a WebSocket that does not open is explained by the configuration: a missing login is an AuthenticationError", async () => {
  const { script, call } = setUp(webSockets);
  const [locked, down] = [call({ fnIndex: 1 }), call({ fnIndex: 2 })];
  await turn();
  for (const socket of script.sockets) socket.request.onClose(1006, undefined);
  await turn();
  const [first, second] = script.of("/config");
  first!.answer(Response.json({ detail: "Not authenticated" }, { status: 401 }));
  second!.answer(Response.json({}));
  await turn();
  expect(locked.end()).toMatchObject({ code: "authentication" });
  expect(down.end()).toMatchObject({ code: "connection", accepted: false });
});

test("a full queue and a malformed message have errors of their own", async () => {
  const { script, call } = setUp(webSockets);
  const [full, broken, long] = [call({ fnIndex: 1 }), call({ fnIndex: 2 }), call({ fnIndex: 3 })];
  await turn();
  script.sockets[0]!.say({ msg: "queue_full" });
  script.sockets[1]!.request.onMessage("<html>");
  script.sockets[2]!.request.onMessage(JSON.stringify("x".repeat(20_000)));
  expect(full.end()).toMatchObject({ code: "queue_full" });
  expect(broken.end()).toMatchObject({ code: "protocol" });
  expect(long.end()).toMatchObject({ code: "protocol" });
});

test("a socket without a message fails after the time limit of a request", async () => {
  const { script, call } = setUp(webSockets, 20);
  const silent = call();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(silent.end()).toMatchObject({ code: "timeout", kind: "request" });
  expect(script.sockets[0]!.request.signal.aborted).toBe(true);
});

test("leaving a call closes its socket", async () => {
  const { script, call } = setUp(webSockets);
  const one = call();
  await turn();
  one.cancel();
  expect(script.sockets[0]!.request.signal.aborted).toBe(true);
  await one.told();
});

test("two calls of one function share no iterator: without state in two sessions, with state one after the other", async () => {
  const { script, call } = setUp(webSockets);
  call();
  call();
  await turn();
  for (const socket of script.sockets) socket.say({ msg: "send_hash" });
  await turn();
  const hashes = script.sockets.map(({ sent }) => sent[0]!["session_hash"]);
  expect(hashes[0]).toBe("session");
  expect(hashes[1]).toMatch(/^[0-9a-f]{32}$/);

  const state = { fnIndex: 9, stateful: true };
  call(state);
  const second = call(state);
  const left = call(state);
  const third = call(state);
  await turn();
  expect(script.sockets).toHaveLength(3);
  left.cancel();
  script.sockets[2]!.say({ msg: "send_hash" }, wanted, done);
  await turn();
  expect(script.sockets).toHaveLength(4);
  script.sockets[3]!.say({ msg: "send_hash" }, wanted, done);
  await turn();
  expect(second.end()).toBe("complete");
  expect(script.sockets).toHaveLength(5);
  expect(third.end()).toBeNull();
});

test("an event stream of one call is joined, and its data posted when it is asked for", async () => {
  const { script, call } = setUp(callEventStreams);
  const one = call({ headers: { "x-mine": "yes" } });
  await turn();
  const [{ request, answer }] = script.of("/queue/join") as [Script["requests"][number]];
  expect(new URL(request.url).search).toBe("?fn_index=3&session_hash=session");
  expect(request.headers["x-mine"]).toBe("yes");
  const events = stream(answer);
  events.say(waits, { msg: "send_data", event_id: "e1" });
  await turn();
  const posted = script.of("/queue/data")[0]!;
  expect(JSON.parse(posted.request.body as string)).toMatchObject({
    data: ["in"],
    event_id: "e1",
    session_hash: "session",
  });
  posted.answer(Response.json(null));
  events.say(starts, done);
  await turn();
  expect(one.kinds()).toEqual(["accepted", "estimation", "accepted", "process_starts", "process_completed"]);
  expect(one.messages.filter(({ kind }) => kind === "accepted")).toMatchObject([{ eventId: null }, { eventId: "e1" }]);
  expect(one.end()).toBe("complete");
});

test("a stream that ends early fails its call: not accepted before its data is wanted, accepted when it was taken", async () => {
  const { script, call } = setUp(callEventStreams);
  const [early, late] = [call(), call()];
  await turn();
  const [first, second] = script.of("/queue/join").map(({ answer }) => stream(answer));
  first!.say(waits);
  await turn();
  first!.end();
  second!.say(waits, { msg: "send_data", event_id: "e" });
  await turn();
  script.of("/queue/data")[0]!.answer(Response.json(null));
  await turn();
  second!.end();
  await turn();
  expect(early.end()).toMatchObject({ code: "connection", accepted: false });
  expect(late.end()).toMatchObject({ code: "connection", accepted: true });
});

test("leaving a call ends its stream, and stops by its id what may run", async () => {
  const { script, call } = setUp(callEventStreams);
  const one = call();
  await turn();
  const events = stream(script.of("/queue/join")[0]!.answer);
  events.say({ msg: "send_data", event_id: "e1" });
  await turn();
  one.cancel();
  await turn();
  expect(script.of("/queue/join")[0]!.request.signal.aborted).toBe(true);
  expect(JSON.parse(script.of("/reset")[0]!.request.body as string)).toEqual({ event_id: "e1" });
  script.of("/reset")[0]!.answer(Response.json({ success: true }));
  await one.told();
});

test("a function outside the queue is called directly, and its failure is the app's", async () => {
  const { script, call } = setUp(callEventStreams);
  const [good, bad, gone] = [call({ queued: false }), call({ queued: false }), call({ queued: false })];
  await turn();
  const [first, second, third] = script.of("/run/predict");
  first!.answer(Response.json({ data: ["out"], is_generating: false, duration: 1 }));
  second!.answer(Response.json({ error: "'raised'" }, { status: 500 }));
  third!.answer(new Response("Internal Server Error", { status: 500 }));
  await turn();
  expect(good.kinds()).toEqual(["accepted", "process_completed"]);
  expect(bad.messages.at(-1)).toMatchObject({ kind: "process_completed", failure: { error: "raised" } });
  expect(gone.end()).toMatchObject({ code: "protocol", status: 500 });
});

test("after a reset, new calls belong to another session; a closed client reports closed", async () => {
  const { protocol, states } = setUp(webSockets);
  expect(protocol.sessionHash).toBe("session");
  protocol.reset();
  expect(protocol.sessionHash).toMatch(/^[0-9a-f]{32}$/);
  await protocol.close(10);
  expect(states.at(-1)).toBe("closed");
});
