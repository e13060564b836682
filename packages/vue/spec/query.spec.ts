import { QueryClient, useQuery, VueQueryPlugin } from "@tanstack/vue-query";
import { computed, createApp, h, ref } from "vue";
import { expect, onTestFinished, test } from "vitest";
import { Client } from "@gradio-rx/web";
import { gradioQueries } from "@gradio-rx/web/query";
import { openApp, until } from "./page.ts";

test("predictions and streams are options for Vue Query", async () => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  const queries = gradioQueries(client);
  const name = ref("you");
  const vue = createApp({
    setup() {
      const greeting = useQuery(computed(() => queries.prediction<string>("/greet", [name.value])));
      const text = useQuery(queries.stream<string>("/write", ["cats"]));
      return () => h("p", `${greeting.data.value ?? ""}, ${text.data.value ?? ""}`);
    },
  });
  vue.use(VueQueryPlugin, { queryClient: new QueryClient() });
  const container = document.createElement("div");
  vue.mount(container);
  onTestFinished(() => client.close());
  await until(() => container.textContent === "Hello you, cats");
  name.value = "me";
  await until(() => container.textContent === "Hello me, cats");
  expect(front.calls()).toBe(3);
  vue.unmount();
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
});
