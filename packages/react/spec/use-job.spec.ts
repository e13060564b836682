import { createElement, type ReactNode, StrictMode, useEffect, useRef } from "react";
import { expect, test } from "vitest";
import {
  type AnyGradioError,
  AppError,
  type CallData,
  CancelledError,
  Client,
  eventStreamResponse,
  InputError,
  Job,
} from "@gradio-rx/web";
import { GradioProvider, type JobHookState, useJob, type UseJobOptions } from "@gradio-rx/react";
import { inside, openApp, settle, show, until } from "./page.ts";

type Hook = JobHookState<string, CallData>;

/** A component that shows a hook, and everything that it has shown. */
function watched(options?: UseJobOptions<string>, endpoint = "/write") {
  const seen: Hook[] = [];
  const Component = (): ReactNode => {
    const hook = useJob<string>(endpoint, options);
    seen.push(hook);
    return hook.data ?? hook.phase;
  };
  return { Component, seen, last: () => seen.at(-1)!, phases: () => distinct(seen.map(({ phase }) => phase)) };
}

const distinct = <T>(list: readonly T[]): T[] => list.filter((one, index) => index === 0 || one !== list[index - 1]);

test("a call goes from idle through pending and streaming to success", async () => {
  const front = openApp();
  const { Component, last, phases } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const result = last().run(["cats"]);
  await until(() => page.text() === "cats");
  expect(last()).toMatchObject({
    phase: "streaming",
    isPending: true,
    isPrevious: false,
    outputs: ["cats"],
    error: null,
  });
  expect(last().job?.endpoint).toBe("/write");
  while (last().isPending) {
    front.step();
    await settle();
  }
  expect(await result).toBe("cats 1 2 3");
  expect(last()).toMatchObject({ phase: "success", data: "cats 1 2 3", isPending: false });
  expect(last().outputs).toHaveLength(4);
  expect(phases()).toEqual(["idle", "pending", "streaming", "success"]);
  expect(front.connections()).toBe(1);
});

test("a failed call is shown with its error, and its promise rejects", async () => {
  const front = openApp();
  const { Component, last } = watched({}, "/fail");
  show(inside(front, Component));
  await until(() => last()?.phase === "idle");
  await expect(last().run()).rejects.toThrow("no luck");
  await until(() => last().phase === "error");
  expect(last().error).toBeInstanceOf(AppError);
});

test("a rejection without a handler is not reported", async () => {
  const front = openApp();
  const { Component, last } = watched({}, "/fail");
  const reported: unknown[] = [];
  const listen = (event: PromiseRejectionEvent): void => void reported.push(event.reason);
  addEventListener("unhandledrejection", listen);
  show(inside(front, Component));
  await until(() => last()?.phase === "idle");
  void last().run();
  await until(() => last().phase === "error");
  await settle();
  removeEventListener("unhandledrejection", listen);
  expect(reported).toEqual([]);
});

test("cancel stops the call at the server, and the state has no error", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const result = last().run(["cats"]);
  await until(() => page.text() === "cats");
  expect(await last().cancel()).toBe(true);
  expect(await last().cancel()).toBe(false);
  await expect(result).rejects.toBeInstanceOf(CancelledError);
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
  expect(last()).toMatchObject({ phase: "cancelled", data: "cats", error: null });
  last().reset();
  await until(() => page.text() === "idle");
  expect(last()).toMatchObject({ data: undefined, job: null, outputs: [] });
});

test("an aborted signal is a cancel, also before the call is sent", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const abort = new AbortController();
  void last().run(["cats"], { signal: abort.signal });
  await until(() => page.text() === "cats");
  abort.abort();
  await until(() => last().phase === "cancelled");
  await until(() => front.app.running === 0);
  await expect(last().run(["dogs"], { signal: AbortSignal.abort("no") })).rejects.toBe("no");
  await until(() => last().phase === "cancelled");
  expect(last().error).toBeNull();
  expect(front.calls()).toBe(1);
});

test("switch cancels the call that runs, and shows nothing of it afterwards", async () => {
  const front = openApp();
  const { Component, last, seen } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const first = last().run(["cats"]);
  await until(() => page.text() === "cats");
  const since = seen.length;
  void last().run(["dogs"]);
  await expect(first).rejects.toBeInstanceOf(CancelledError);
  await until(() => page.text() === "dogs");
  await until(() => front.app.running === 1);
  expect(front.cancelled()).toBe(1);
  expect(seen.slice(since).map(({ data }) => data)).not.toContain("cats");
  expect(distinct(seen.slice(since).map(({ phase }) => phase))).toEqual(["pending", "streaming"]);
});

test("exhaust gives the promise of the call that runs", async () => {
  const front = openApp();
  const { Component, last } = watched({ flatten: "exhaust" });
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const first = last().run(["cats"]);
  await until(() => page.text() === "cats");
  expect(last().run(["dogs"])).toBe(first);
  expect(front.calls()).toBe(1);
});

test("concat makes calls one after the other, and a cancel ends those that wait", async () => {
  const front = openApp();
  const { Component, last } = watched({ flatten: "concat" }, "/hold");
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const calls = ["one", "two", "three"].map((name) => last().run([name]));
  await until(() => front.started.length === 1);
  await settle();
  expect(front.started).toEqual(["one"]);
  front.step();
  expect(await calls[0]).toBe("Held one");
  await until(() => front.started.length === 2);
  expect(front.started).toEqual(["one", "two"]);
  await last().cancel();
  await expect(calls[1]).rejects.toBeInstanceOf(CancelledError);
  await expect(calls[2]).rejects.toBeInstanceOf(CancelledError);
  await settle();
  expect(front.calls()).toBe(2);
});

test("keepPrevious keeps the output until the next call has one", async () => {
  const front = openApp();
  const { Component, last } = watched({ keepPrevious: true });
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  void last().run(["cats"]);
  await until(() => page.text() === "cats");
  void last().run(["dogs"]);
  await until(() => last().phase === "pending");
  expect(last()).toMatchObject({ data: "cats", isPrevious: true });
  await until(() => page.text() === "dogs");
  expect(last()).toMatchObject({ isPrevious: false });
});

test("unmounting cancels at the server, and closes the connection", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  void last().run(["cats"]);
  await until(() => page.text() === "cats");
  page.unmount();
  await until(() => front.app.running === 0 && front.app.openStreams === 0);
  expect(front.cancelled()).toBe(1);
});

test("a component that leaves before its call was sent sends none", async () => {
  const front = openApp();
  const { Component, last } = watched();
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  const result = last().run(["cats"]);
  page.unmount();
  await expect(result).rejects.toBeInstanceOf(CancelledError);
  await settle();
  expect(front.calls()).toBe(0);
});

test.each(["switch", "exhaust", "concat"] as const)(
  "StrictMode costs one call and one connection with run in an effect (%s)",
  async (flatten) => {
    const front = openApp();
    const Component = (): ReactNode => {
      const { run, data } = useJob<string>("/greet", { flatten });
      useEffect(() => void run(["you"]), [run]);
      return data;
    };
    const page = show(inside(front, Component));
    await until(() => page.text() === "Hello you");
    await settle();
    expect([front.calls(), front.connections()]).toEqual([1, 1]);
  },
);

test.each(["switch", "exhaust", "concat"] as const)(
  "StrictMode costs one call with run in an effect, where the call could be sent at once (%s)",
  async (flatten) => {
    const front = openApp();
    const client = await Client.connect(front.app.url, front.options);
    const Component = (): ReactNode => {
      const { run, data } = useJob<string, string>(
        { start: (name, { signal }) => client.submit<string>("/greet", [name], { signal }) },
        { flatten },
      );
      useEffect(() => void run("you"), [run]);
      return data;
    };
    const page = show(createElement(StrictMode, null, createElement(Component)));
    await until(() => page.text() === "Hello you");
    await settle();
    expect(front.calls()).toBe(1);
    await client.close();
  },
);

test("StrictMode costs one call with run in an effect that a ref guards", async () => {
  const front = openApp();
  const Component = (): ReactNode => {
    const { run, data } = useJob<string>("/greet");
    const hasRun = useRef(false);
    useEffect(() => {
      if (hasRun.current) return;
      hasRun.current = true;
      void run(["you"]);
    }, [run]);
    return data;
  };
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello you");
  await settle();
  expect([front.calls(), front.connections()]).toEqual([1, 1]);
});

test("many outputs render at most once a frame, and a render for another reason shows nothing new", async () => {
  const front = openApp();
  const { Component, seen, last } = watched({}, "/burst");
  show(inside(front, Component, { strict: false }));
  await until(() => last()?.phase === "idle");
  let frames = 0;
  const count = (): void => {
    frames++;
    if (!last().job?.done || last().isPending) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const since = seen.length;
  await last().run([300]);
  expect(last()).toMatchObject({ phase: "success", data: 300 });
  expect(last().outputs).toHaveLength(300);
  // Start and end render by themselves.
  expect(seen.length - since).toBeLessThanOrEqual(frames + 3);
});

test("the snapshot changes only with a notification", async () => {
  const front = openApp();
  const { Component, last, seen } = watched({ throttle: 100_000 });
  const tree = (): ReactNode => inside(front, Component, { strict: false });
  const page = show(tree());
  await until(() => page.text() === "idle");
  void last().run(["cats"]);
  await until(() => front.started.length === 1);
  await settle();
  expect(last().phase).toBe("pending");
  const since = seen.length;
  page.render(createElement("div", null, tree()));
  page.render(tree());
  await settle();
  expect(seen.slice(since).every(({ data }) => data === undefined)).toBe(true);
});

test("throttle 0 renders each output", async () => {
  const front = openApp();
  const { Component, last, seen } = watched({ throttle: 0 });
  const page = show(inside(front, Component, { strict: false }));
  await until(() => page.text() === "idle");
  const result = last().run(["cats"]);
  while (last().phase !== "success") {
    front.step();
    await settle();
  }
  await result;
  expect(distinct(seen.map(({ data }) => data))).toEqual([undefined, "cats", "cats 1", "cats 1 2", "cats 1 2 3"]);
});

test("functions are the same for life, and callbacks those of the newest render", async () => {
  const front = openApp();
  const told: string[] = [];
  let name = "first";
  const seen: Hook[] = [];
  const Component = (): ReactNode => {
    const mine = name;
    const hook = useJob<string>("/write", { onData: ({ data }) => told.push(`${mine}: ${data}`) });
    seen.push(hook);
    return hook.data ?? hook.phase;
  };
  const page = show(inside(front, Component, { strict: false }));
  await until(() => page.text() === "idle");
  void seen.at(-1)!.run(["cats"]);
  await until(() => told.length === 1);
  name = "second";
  page.render(inside(front, Component, { strict: false }));
  await settle();
  await front.nextStep();
  await until(() => told.length === 2);
  expect(told).toEqual(["first: cats", "second: cats 1"]);
  for (const key of ["run", "cancel", "reset"] as const) expect(new Set(seen.map((hook) => hook[key])).size).toBe(1);
});

test("run waits for the connection, and connects again where that had failed", async () => {
  const front = openApp();
  let isDown = true;
  const fetch = async (request: Request): Promise<Response> => {
    if (isDown) throw new TypeError("no network");
    return await front.app.fetch(request);
  };
  const { Component, last } = watched({}, "/greet");
  const options = { fetch, retry: { limit: 0 } };
  show(
    createElement(
      StrictMode,
      null,
      createElement(GradioProvider, { app: front.app.url, options }, createElement(Component)),
    ),
  );
  await until(() => last()?.phase === "idle");
  const failed: AnyGradioError[] = [];
  await last()
    .run(["you"])
    .catch((error: AnyGradioError) => failed.push(error));
  expect(failed[0]?.code).toBe("connection");
  await until(() => last().phase === "error");
  isDown = false;
  expect(await last().run(["you"])).toBe("Hello you");
});

test("another endpoint cancels the call and starts anew", async () => {
  const front = openApp();
  let endpoint = "/write";
  const seen: { endpoint: string; phase: string }[] = [];
  let hook!: Hook;
  const Component = (): ReactNode => {
    hook = useJob<string>(endpoint);
    seen.push({ endpoint, phase: hook.phase });
    return hook.phase;
  };
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  void hook.run(["cats"]);
  await until(() => page.text() === "streaming");
  endpoint = "/greet";
  page.render(inside(front, Component));
  await until(() => page.text() === "idle");
  await until(() => front.app.running === 0);
  expect(seen.filter((one) => one.endpoint === "/greet" && one.phase !== "idle")).toEqual([]);
  expect(await hook.run(["you"])).toBe("Hello you");
});

test("a start function needs no provider, and its signal is aborted by a cancel", async () => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  const signals: AbortSignal[] = [];
  let hook!: JobHookState<string, string>;
  const Component = (): ReactNode => {
    hook = useJob<string, string>({
      start: async (data, { signal }): Promise<Job<string>> => {
        signals.push(signal);
        await settle();
        return client.submit<string>("/write", [data], { signal });
      },
    });
    return hook.data ?? hook.phase;
  };
  const page = show(createElement(StrictMode, null, createElement(Component)));
  await until(() => page.text() === "idle");
  void hook.run("cats");
  await until(() => page.text() === "cats");
  await hook.cancel();
  await until(() => front.app.running === 0);
  // A cancel while it is being started.
  void hook.run("dogs");
  await until(() => signals.length === 2);
  expect(await hook.cancel()).toBe(true);
  expect(signals[1]!.aborted).toBe(true);
  await settle();
  await until(() => front.app.running === 0);
  expect(hook.phase).toBe("cancelled");
  await client.close();
});

test("an endpoint outside of a provider is an InputError", () => {
  const caught: unknown[] = [];
  const Component = (): ReactNode => {
    try {
      useJob("/greet");
    } catch (error) {
      caught.push(error);
    }
    return null;
  };
  // Hooks may not be called conditionally; this component renders once.
  show(createElement(Component));
  return until(() => caught.length > 0).then(() => expect(caught[0]).toBeInstanceOf(InputError));
});

test("logs and progress of the run are part of its state", async () => {
  const front = openApp();
  const { Component, seen, last } = watched({}, "/say");
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  await last().run(["hello"]);
  expect(last()).toMatchObject({ logs: [{ log: "hello" }], progress: 1, upload: null });
  const rendered = seen.length;
  void last().run(["again"]);
  const next = () => seen.slice(rendered).find(({ isPending }) => isPending);
  await until(() => next() !== undefined);
  expect(next()).toMatchObject({ logs: [], progress: null });
});

test("nothing of a former run is shown, in whatever order answers come", async () => {
  const front = openApp();
  const jobs: ((job: Job<string>) => void)[] = [];
  const client = await Client.connect(front.app.url, front.options);
  const seen: JobHookState<string, string>[] = [];
  const Component = (): ReactNode => {
    const hook = useJob<string, string>({ start: () => new Promise<Job<string>>((resolve) => jobs.push(resolve)) });
    seen.push(hook);
    return hook.data ?? hook.phase;
  };
  const page = show(createElement(Component));
  await until(() => page.text() === "idle");
  void seen.at(-1)!.run("first");
  await until(() => jobs.length === 1);
  void seen.at(-1)!.run("second");
  await until(() => jobs.length === 2);
  jobs[1]!(client.submit<string>("/greet", ["second"]));
  await until(() => page.text() === "Hello second");
  const late = client.submit<string>("/write", ["first"]);
  jobs[0]!(late);
  await until(() => late.done);
  await settle();
  expect(late.snapshot.phase).toBe("cancelled");
  expect(page.text()).toBe("Hello second");
  expect(seen.some(({ data }) => data === "first")).toBe(false);
  await client.close();
});

test("a relay of the site's own server is a start function", async () => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  // The server.
  const answer = (topic: string): Response => eventStreamResponse(client.submit<string>("/write", [topic]));
  let hook!: JobHookState<string, string>;
  const Component = (): ReactNode => {
    hook = useJob<string, string>({ start: (topic) => Job.fromResponse<string>(Promise.resolve(answer(topic))) });
    return hook.data ?? hook.phase;
  };
  const page = show(createElement(StrictMode, null, createElement(Component)));
  await until(() => page.text() === "idle");
  void hook.run("cats");
  await until(() => page.text() === "cats");
  await front.nextStep();
  await until(() => page.text() === "cats 1");
  page.unmount();
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
  await client.close();
});

test("the bytes of files on their way are part of the state", async () => {
  const front = openApp();
  const { Component, last, seen } = watched({ throttle: 0 }, "/name");
  const page = show(inside(front, Component, { strict: false }));
  await until(() => page.text() === "idle");
  const told: number[] = [];
  const file = new File(["x".repeat(1_000)], "a.txt");
  expect(await last().run([file], { onUploadProgress: ({ total }) => told.push(total) })).toBe("a.txt");
  expect(told.length).toBeGreaterThan(0);
  expect(seen.some(({ upload }) => upload?.total === 1_000)).toBe(true);
  expect(last().upload).toBeNull();
});
