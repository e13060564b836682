import { createElement, type ReactNode, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { onTestFinished, vi } from "vitest";
import { GradioProvider, type GradioProviderProps } from "@gradio-rx/react";
import { type FrontApp, frontApp, settle, until } from "../../testing/spec/front-app.ts";

export { settle, until };
export type { FrontApp };

/** An app that is closed when the test ends. */
export function openApp(): FrontApp {
  const front = frontApp();
  onTestFinished(() => front.app.close());
  return front;
}

/** Properties of a provider for an app. */
export function providerOf(front: FrontApp): GradioProviderProps {
  return { app: front.app.url, options: front.options };
}

/** Something that is rendered into the page. */
export interface Page {
  root: Root;
  /** Text of the page. */
  text(): string;
  /** An element of the page. */
  query(selector: string): HTMLElement;
  render(node: ReactNode): void;
  unmount(): void;
}

/** Renders into the page; unmounts when the test ends, and fails where React has warned. */
export function show(node: ReactNode): Page {
  const container = document.createElement("div");
  document.body.append(container);
  const root = createRoot(container);
  failOnWarnings();
  onTestFinished(() => {
    root.unmount();
    container.remove();
  });
  root.render(node);
  return {
    root,
    text: () => container.textContent ?? "",
    query: (selector) => container.querySelector<HTMLElement>(selector)!,
    render: (next) => root.render(next),
    unmount: () => root.unmount(),
  };
}

/** Fails a test in which React, or anything else, writes to the console. */
export function failOnWarnings(): void {
  const written: unknown[][] = [];
  const spies = (["error", "warn"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((...line: unknown[]) => void written.push(line)),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
    if (written.length > 0)
      throw new Error(`The console has: ${written.map((line) => line.map(String).join(" ")).join("\n")}`);
  });
}

/** A component in a provider of an app, in StrictMode unless told otherwise. */
export function inside(front: FrontApp, Component: () => ReactNode, { strict = true } = {}): ReactNode {
  const tree = createElement(GradioProvider, providerOf(front), createElement(Component));
  return strict ? createElement(StrictMode, null, tree) : tree;
}
