import { renderToString } from "@vue/server-renderer";
import { createSSRApp, h } from "vue";
import { expect, test } from "vitest";
import { gradioPlugin, useGradio, useJob, usePrediction } from "@gradio-rx/vue";
import { openApp, settle, show, until } from "./page.ts";

const Page = {
  setup() {
    const { phase: connection } = useGradio();
    const { phase: job } = useJob("/greet");
    const { data, phase } = usePrediction<string>("/greet", ["you"]);
    return () => [h("i", connection.value), h("b", job.value), h("u", data.value ?? phase.value)];
  },
};

test("a server's render asks for nothing, and the page takes it over without a warning", async () => {
  const front = openApp();
  const server = createSSRApp({ render: () => h(Page) });
  server.use(gradioPlugin, { app: front.app.url, options: front.options });
  const html = await renderToString(server);
  await settle();
  expect(front.app.requests).toEqual([]);
  expect(html.replaceAll(/<!--.*?-->/g, "")).toBe("<i>connecting</i><b>idle</b><u>pending</u>");
  const page = show(front, Page, html);
  await until(() => page.text() === "readyidleHello you");
  expect([front.calls(), front.connections()]).toEqual([1, 1]);
});
