import { createElement, type ReactNode, StrictMode, useState } from "react";
import { expect, test } from "vitest";
import { CancelledError, InputError } from "@gradio-rx/web";
import { GradioProvider, type PredictionState, usePrediction, type UsePredictionOptions } from "@gradio-rx/react";
import { inside, openApp, providerOf, settle, show, until } from "./page.ts";

/** A component whose data a test sets, and everything that it has shown. */
function watched(first: unknown[] | null, options?: UsePredictionOptions<string>, endpoint = "/greet") {
  const seen: { given: unknown; state: PredictionState<string> }[] = [];
  let set!: (data: unknown[] | null) => void;
  const Component = (): ReactNode => {
    const [data, setData] = useState(first);
    set = setData;
    const state = usePrediction<string>(endpoint, data, options);
    seen.push({ given: data, state });
    return state.data ?? state.phase;
  };
  return { Component, seen, set: (data: unknown[] | null) => set(data), last: () => seen.at(-1)!.state };
}

test("a prediction runs when it is mounted: one call and one connection, in StrictMode too", async () => {
  const front = openApp();
  const { Component, seen } = watched(["you"]);
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello you");
  await settle();
  expect(seen[0]!.state).toMatchObject({ phase: "pending", isPending: true });
  expect([front.calls(), front.connections()]).toEqual([1, 1]);
});

test("equal data makes no call, other data does", async () => {
  const front = openApp();
  const { Component, set } = watched(["you"]);
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello you");
  set(["you"]);
  await settle();
  expect(front.calls()).toBe(1);
  set(["me"]);
  await until(() => page.text() === "Hello me");
  expect(front.calls()).toBe(2);
});

test("Files are compared by identity", async () => {
  const front = openApp();
  const file = new File(["same"], "same.txt");
  const { Component, set } = watched([file], {}, "/name");
  const page = show(inside(front, Component));
  await until(() => page.text() === "same.txt");
  set([file]);
  await settle();
  expect(front.calls()).toBe(1);
  set([new File(["same"], "same.txt")]);
  await until(() => front.calls() === 2);
});

test("the data before stays until the next output, and is marked as such from the first render on", async () => {
  const front = openApp();
  const { Component, set, seen, last } = watched(["you"]);
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello you");
  set(["me"]);
  await until(() => page.text() === "Hello me");
  const wrong = seen.filter(({ given, state }) => {
    const isForMe = (given as string[])[0] === "me";
    return isForMe && state.data === "Hello you" && !state.isPrevious;
  });
  expect(wrong).toEqual([]);
  expect(seen.some(({ state }) => state.isPrevious && state.data === "Hello you" && state.phase === "pending")).toBe(
    true,
  );
  expect(last()).toMatchObject({ phase: "success", isPrevious: false });
});

test("without keepPrevious no render shows a former answer for new data", async () => {
  const front = openApp();
  const { Component, set, seen } = watched(["you"], { keepPrevious: false });
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello you");
  set(["me"]);
  await until(() => page.text() === "Hello me");
  const wrong = seen.filter(
    ({ given, state }) => state.data !== undefined && state.data !== `Hello ${String((given as string[])[0])}`,
  );
  expect(wrong).toEqual([]);
});

test("new data costs one render until its answer", async () => {
  const front = openApp();
  const { Component, set, seen } = watched(["you"], {}, "/hold");
  show(inside(front, Component, { strict: false }));
  await until(() => front.started.length === 1);
  await settle();
  const since = seen.length;
  set(["me"]);
  await until(() => front.started.length === 2);
  await settle();
  // The new data, and the status of its call.
  const pending = seen.slice(since).filter(({ state }) => state.status === null);
  expect(pending).toHaveLength(1);
});

test("new data cancels the former call at the server", async () => {
  const front = openApp();
  const { Component, set } = watched(["cats"], {}, "/write");
  const page = show(inside(front, Component));
  await until(() => page.text() === "cats");
  set(["dogs"]);
  await until(() => page.text() === "dogs");
  await until(() => front.app.running === 1);
  expect(front.cancelled()).toBe(1);
});

test("data of null is idle, and cancels", async () => {
  const front = openApp();
  const { Component, set, last } = watched(null, {}, "/write");
  const page = show(inside(front, Component));
  await until(() => page.text() === "idle");
  await settle();
  expect(front.calls()).toBe(0);
  await expect(last().rerun()).rejects.toBeInstanceOf(InputError);
  set(["cats"]);
  await until(() => page.text() === "cats");
  set(null);
  await until(() => page.text() === "idle");
  await until(() => front.app.running === 0);
  expect(last()).toMatchObject({ data: undefined, isPrevious: false });
});

test("debounce: the first data runs at once, later data after a pause", async () => {
  const front = openApp();
  const { Component, set, last } = watched(["a"], { debounce: 400 });
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello a");
  for (const name of ["ab", "abc", "abcd"]) {
    set([name]);
    await until(() => last().isPending);
    expect(last()).toMatchObject({ data: "Hello a", isPrevious: true });
  }
  await until(() => page.text() === "Hello abcd");
  expect(front.started).toEqual(["a", "abcd"]);
});

test("initialData is the result of the first data; nothing runs until the data changes", async () => {
  const front = openApp();
  const { Component, set, seen } = watched(["you"], { initialData: "Hello before" });
  const page = show(inside(front, Component));
  await until(() => page.text() === "Hello before");
  await settle();
  expect(front.calls()).toBe(0);
  expect(seen[0]!.state).toMatchObject({ phase: "success", data: "Hello before", isPrevious: false });
  set(["me"]);
  await until(() => page.text() === "Hello me");
});

test("cancel stops the call, rerun makes it again", async () => {
  const front = openApp();
  const { Component, last } = watched(["you"], {}, "/hold");
  const page = show(inside(front, Component));
  await until(() => front.started.length === 1);
  expect(await last().cancel()).toBe(true);
  await until(() => page.text() === "cancelled");
  const result = last().rerun();
  await until(() => front.started.length === 2);
  front.step();
  expect(await result).toBe("Held you");
  expect(front.calls()).toBe(2);
});

test("unmounting cancels at the server", async () => {
  const front = openApp();
  const { Component } = watched(["cats"], {}, "/write");
  const page = show(inside(front, Component));
  await until(() => page.text() === "cats");
  page.unmount();
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
});

test("another app is another client: what ran on the old one is cancelled, and the prediction runs on the new one", async () => {
  const [one, other] = [openApp(), openApp()];
  const { Component } = watched(["cats"], {}, "/write");
  const tree = (front: typeof one, page: string): ReactNode =>
    createElement(
      StrictMode,
      null,
      createElement(
        GradioProvider,
        { ...providerOf(front), app: `${front.app.url}/${page}` } as never,
        createElement(Component),
      ),
    );
  const page = show(tree(one, "?of=one"));
  await until(() => page.text() === "cats");
  page.render(tree(other, "?of=other"));
  await until(() => one.app.running === 0 && one.app.openStreams === 0);
  await until(() => other.app.running === 1);
  expect([one.cancelled(), one.calls(), other.calls(), other.connections()]).toEqual([1, 1, 1, 1]);
});

test("a call that is cancelled by leaving rejects with CancelledError", async () => {
  const front = openApp();
  const { Component, last } = watched(["you"], {}, "/hold");
  const page = show(inside(front, Component));
  await until(() => front.started.length === 1);
  const again = last().rerun();
  page.unmount();
  await expect(again).rejects.toBeInstanceOf(CancelledError);
});
