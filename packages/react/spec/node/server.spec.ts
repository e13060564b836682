import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { GradioProvider, useGradio, useJob, usePrediction } from "@gradio-rx/react";

test("a render in Node asks for nothing and leaves nothing open", async () => {
  let requests = 0;
  const fetch = (): Promise<Response> => {
    requests++;
    return Promise.reject(new Error("no request was expected"));
  };
  const Page = (): ReactNode => {
    const { data, phase } = usePrediction<string>("/greet", ["you"]);
    return [useGradio().phase, useJob("/greet").phase, phase, data].join(" ");
  };
  const before = process.getActiveResourcesInfo();
  const tree = createElement(GradioProvider, { app: "http://127.0.0.1:9", options: { fetch } }, createElement(Page));
  expect(renderToString(tree)).toBe("connecting idle pending ");
  expect(process.getActiveResourcesInfo()).toEqual(before);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toBe(0);
});
