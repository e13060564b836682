import { Activity, createElement, type ReactNode, Suspense, use, useActionState, useState } from "react";
import { expect, test } from "vitest";
import { useJob, usePrediction } from "@gradio-rx/react";
import { inside, openApp, settle, show, until } from "./page.ts";

/** A page with a prediction in an Activity, whose mode a test sets. */
function withActivity(endpoint: string, data: unknown[]) {
  let set!: (mode: "visible" | "hidden") => void;
  const Inner = (): ReactNode => {
    const state = usePrediction<string>(endpoint, data);
    return state.data ?? state.phase;
  };
  const Page = (): ReactNode => {
    const [mode, setMode] = useState<"visible" | "hidden">("visible");
    set = setMode;
    return createElement(Activity, { mode, children: createElement(Inner) });
  };
  return { Page, set: (mode: "visible" | "hidden") => set(mode) };
}

test("a hidden Activity cancels, and runs again when it is shown", async () => {
  const front = openApp();
  const { Page, set } = withActivity("/write", ["cats"]);
  const page = show(inside(front, Page));
  await until(() => page.text() === "cats");
  set("hidden");
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
  set("visible");
  await until(() => front.app.running === 1 && front.calls() === 2);
});

test("an Activity whose prediction had ended makes no call when it is shown again", async () => {
  const front = openApp();
  const { Page, set } = withActivity("/greet", ["you"]);
  const page = show(inside(front, Page));
  await until(() => page.text() === "Hello you");
  set("hidden");
  await settle();
  set("visible");
  await settle();
  expect([page.text(), front.calls()]).toEqual(["Hello you", 1]);
});

test("the promise of run can be read by use", async () => {
  const front = openApp();
  let ask!: () => void;
  const Answer = ({ result }: { result: Promise<string> }): ReactNode => use(result);
  const Page = (): ReactNode => {
    const { run } = useJob<string>("/greet");
    const [result, setResult] = useState<Promise<string> | null>(null);
    ask = () => setResult(run(["you"]));
    return result ? createElement(Suspense, { fallback: "waiting" }, createElement(Answer, { result })) : "ready";
  };
  const page = show(inside(front, Page));
  await until(() => page.text() === "ready");
  ask();
  await until(() => page.text() === "Hello you");
  expect(front.calls()).toBe(1);
});

test("run works as an action", async () => {
  const front = openApp();
  const Page = (): ReactNode => {
    const { run } = useJob<string>("/greet");
    const [text, action, isPending] = useActionState(
      async (_before: string, form: FormData) => await run([form.get("name")]),
      "ready",
    );
    return createElement(
      "form",
      { action },
      createElement("input", { name: "name", defaultValue: "you" }),
      createElement("button", null, "ask"),
      createElement("p", null, isPending ? "waiting" : text),
    );
  };
  const page = show(inside(front, Page));
  await until(() => page.text() === "askready");
  page.query("button").click();
  await until(() => page.text() === "askHello you");
});
