import { type App, type Component, createApp, createSSRApp, h } from "vue";
import { onTestFinished, vi } from "vitest";
import { gradioPlugin } from "@gradio-rx/vue";
import { type FrontApp, frontApp, settle, until } from "../../testing/spec/front-app.ts";

export { settle, until };
export type { FrontApp };

/** An app server that is closed when the test ends. */
export function openApp(): FrontApp {
  const front = frontApp();
  onTestFinished(() => front.app.close());
  return front;
}

/** A page that shows a component. */
export interface Page {
  vue: App;
  container: HTMLElement;
  text(): string;
  unmount(): void;
}

/**
 * Mounts a component with the plugin; unmounts when the test ends, and fails where Vue has warned.
 *
 * @param html - a server's render to hydrate.
 */
export function show(front: FrontApp | null, component: Component, html?: string): Page {
  const container = document.createElement("div");
  document.body.append(container);
  failOnWarnings();
  const render = { render: () => h(component) };
  const vue = html === undefined ? createApp(render) : createSSRApp(render);
  if (front) vue.use(gradioPlugin, { app: front.app.url, options: front.options });
  if (html !== undefined) container.innerHTML = html;
  vue.mount(container);
  let isMounted = true;
  const unmount = (): void => {
    if (isMounted) vue.unmount();
    isMounted = false;
  };
  onTestFinished(() => {
    unmount();
    container.remove();
  });
  return { vue, container, text: () => container.textContent ?? "", unmount };
}

function failOnWarnings(): void {
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
