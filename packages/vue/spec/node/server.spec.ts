import { renderToString } from "@vue/server-renderer";
import { createSSRApp, h } from "vue";
import { expect, test } from "vitest";
import { gradioPlugin, provideGradio, useGradio, useJob, usePrediction } from "@gradio-rx/vue";

test("a render in Node asks for nothing and leaves nothing open", async () => {
  let requests = 0;
  const fetch = (): Promise<Response> => {
    requests++;
    return Promise.reject(new Error("no request was expected"));
  };
  const Page = {
    setup() {
      const { phase: connection } = useGradio();
      const { phase: job } = useJob("/greet");
      const { phase } = usePrediction<string>("/greet", ["you"]);
      return () => h("p", [connection.value, job.value, phase.value].join(" "));
    },
  };
  const Provider = {
    setup() {
      provideGradio({ app: "http://127.0.0.1:9", options: { fetch } });
      return () => h(Page);
    },
  };
  const before = process.getActiveResourcesInfo();
  const app = createSSRApp({ render: () => [h(Page), h(Provider)] });
  app.use(gradioPlugin, { app: "http://127.0.0.1:9", options: { fetch } });
  const html = await renderToString(app);
  expect(html.match(/connecting idle pending/g)).toHaveLength(2);
  expect(process.getActiveResourcesInfo()).toEqual(before);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toBe(0);
});
