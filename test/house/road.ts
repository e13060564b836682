import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { console as marks, type Runtime, Session } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@gradio-rx/node";
import { endpoint, serveApp, textbox } from "@gradio-rx/testing";

// Method: a stack trace is taken where the request that joins the queue is made, and one where a reader receives an output. V8's
// inspector takes them. Its traces continue across `await`, promises and timers ("Async stack traces" in DevTools), while
// `Error.stack` loses everything that is not a plain chain of awaits. Each file of the SDK on a trace counts once, in the order
// in which the call or the event passes it: these are the files that a reader opens who follows it. Functions that have returned
// by then, such as a check of the arguments, are not on the road, and neither are RxJS's and Node's own files.

/** The files of the SDK that a call and an event pass, each in order, as `package/path` without the ending. */
export interface Road {
  /** From `client.submit` to the request that joins the queue. */
  down: string[];
  /** From the bytes of an event to a reader's function. */
  back: string[];
}

/** Channels on which `node:http` and undici publish each request that they make. */
const channels = ["http.client.request.created", "undici:request:create"];

/** Maximum number of frames, and of asynchronous steps, in a trace. */
const MAX_DEPTH = 200;

/**
 * Calls an app in this process and records the road of its second call: the first one loads the parts that are loaded with
 * `import()` and opens the event stream.
 *
 * @throws Error where a trace does not reach from end to end.
 */
export async function measureRoad(): Promise<Road> {
  const traces = new Map<string, Runtime.StackTrace[]>();
  const session = new Session();
  session.connect();
  session.on("Runtime.consoleAPICalled", ({ params }) => {
    const mark: unknown = params.args[0]?.value;
    if (params.stackTrace && (mark === "down" || mark === "back"))
      traces.set(mark, segments(session, params.stackTrace));
  });
  session.post("Runtime.enable");
  session.post("Debugger.enable");
  session.post("Runtime.setMaxCallStackSizeToCapture", { size: MAX_DEPTH });
  session.post("Debugger.setAsyncCallStackDepth", { maxDepth: MAX_DEPTH });
  try {
    await callTwice(
      () => marks.log("down"),
      () => marks.log("back"),
    );
  } finally {
    session.disconnect();
  }
  return { down: roadDown(traces.get("down") ?? []), back: roadBack(traces.get("back") ?? []) };
}

/** Calls an endpoint twice; `onJoin` and `onOutput` are called during the second call. */
async function callTwice(onJoin: () => void, onOutput: () => void): Promise<void> {
  let firstOutput = Promise.withResolvers<void>();
  await using app = await serveApp({
    "/count": endpoint({
      inputs: [textbox("text")],
      outputs: [textbox("said")],
      async *fn(text: string) {
        yield `${text} 1`;
        // The client has the id of the call by now: the next output is not kept back until the reply to the join is read.
        await firstOutput.promise;
        yield `${text} 2`;
        yield `${text} 3`;
      },
    }),
  });
  await using client = await Client.connect(app.url);
  const call = async (text: string, onSecond: () => void): Promise<void> => {
    firstOutput = Promise.withResolvers<void>();
    const job = client.submit("/count", [text]);
    job.on("data", ({ data }) => {
      firstOutput.resolve();
      if (String(data).endsWith("2")) onSecond();
    });
    await job.result();
  };
  await call("first", () => undefined);
  // A call that follows at once may wait for the end of the stream, and then a message sends it.
  await sleep(200);
  const onRequest = (message: unknown): void => {
    const { path } = (message as { request: { path: string } }).request;
    if (path.endsWith("/queue/join")) onJoin();
  };
  for (const channel of channels) subscribe(channel, onRequest);
  try {
    await call("second", onOutput);
  } finally {
    for (const channel of channels) unsubscribe(channel, onRequest);
  }
}

/** A trace with its asynchronous parents, the innermost first. Those of a trace in the same thread are fetched by their ids. */
function segments(session: Session, trace: Runtime.StackTrace): Runtime.StackTrace[] {
  const found = [trace];
  for (let last: Runtime.StackTrace | undefined = trace; last;) {
    let next: Runtime.StackTrace | undefined = last.parent;
    const stackTraceId = last.parentId;
    if (!next && stackTraceId)
      session.post("Debugger.getStackTrace", { stackTraceId }, (_error, reply) => (next = reply?.stackTrace));
    if (next) found.push(next);
    last = next;
  }
  return found;
}

/** Files of the SDK on one trace, the outermost first, each as often as it is entered. */
function filesOn({ callFrames }: Runtime.StackTrace): string[] {
  return callFrames
    .map(({ url }) => /packages\/(core|web|node)\/src\/(.+)\.ts$/.exec(url))
    .flatMap((match) => (match ? [`${match[1]}/${match[2]}`] : []))
    .toReversed();
}

function roadDown(traces: readonly Runtime.StackTrace[]): string[] {
  const files = traces.toReversed().flatMap(filesOn);
  if (files[0] !== "core/client")
    throw new Error(`The road of a call does not begin at the client: ${files.join(" → ")}`);
  return Array.from(new Set(files));
}

/** The trace of an event ends where the event stream's body is read: its parents belong to the call that opened the stream. */
function roadBack(traces: readonly Runtime.StackTrace[]): string[] {
  const start = traces.findIndex((trace) => filesOn(trace).some((file) => file === "core/http/body"));
  if (start < 0) throw new Error("The road of an event does not begin at an event stream.");
  return Array.from(
    new Set(
      traces
        .slice(0, start + 1)
        .toReversed()
        .flatMap(filesOn),
    ),
  );
}
