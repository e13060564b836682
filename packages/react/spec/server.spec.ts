import { createElement, type ReactNode, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToReadableStream } from "react-dom/server.browser";
import { expect, onTestFinished, test } from "vitest";
import { createGradio } from "@gradio-rx/react";
import { failOnWarnings, type FrontApp, openApp, settle, until } from "./page.ts";

/** A page with each hook. It has a context of its own: React allows no two renderers on one. */
function pageOf(front: FrontApp): ReactNode {
  const { GradioProvider, useGradio, useJob, usePrediction } = createGradio();
  const Connection = (): ReactNode => createElement("i", null, useGradio().phase);
  const Job = (): ReactNode => createElement("b", null, useJob("/greet").phase);
  const Prediction = (): ReactNode => {
    const { data, phase } = usePrediction<string>("/greet", ["you"]);
    return createElement("u", null, data ?? phase);
  };
  const Answered = (): ReactNode => {
    const { data, phase } = usePrediction<string>("/greet", ["you"], { initialData: "Hello before" });
    return createElement("s", null, data, " ", phase);
  };
  const parts = [Connection, Job, Prediction, Answered].map((Part, key) => createElement(Part, { key }));
  const { options } = front;
  return createElement(StrictMode, null, createElement(GradioProvider, { app: front.app.url, options }, ...parts));
}

async function renderToString(node: ReactNode): Promise<string> {
  return await new Response(await renderToReadableStream(node)).text();
}

test("a server's render asks for nothing, and the page takes it over without a warning", async () => {
  failOnWarnings();
  const front = openApp();
  const html = await renderToString(pageOf(front));
  await settle();
  expect(front.app.requests).toEqual([]);
  expect(html.replaceAll("<!-- -->", "")).toBe("<i>connecting</i><b>idle</b><u>pending</u><s>Hello before success</s>");
  const container = document.createElement("div");
  container.innerHTML = html;
  document.body.append(container);
  const mistakes: unknown[] = [];
  const root = hydrateRoot(container, pageOf(front), { onRecoverableError: (error) => mistakes.push(error) });
  onTestFinished(() => {
    root.unmount();
    container.remove();
  });
  await until(() => container.textContent === "readyidleHello youHello before success");
  await settle();
  expect(mistakes).toEqual([]);
  expect([front.calls(), front.connections()]).toEqual([1, 1]);
});
