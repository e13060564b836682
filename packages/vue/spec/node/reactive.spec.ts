import { createApp } from "@gradio-rx/testing";
import { Client } from "@gradio-rx/node";
import { expect, test } from "vitest";
import { isReactive, reactive, ref, watchEffect } from "vue";

test("a client and a job work in ref and reactive: Vue makes no proxy of them", async () => {
  const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const inRef = ref(client);
  const store = reactive({ client, job: null as unknown, fork: client.fork() });
  expect([isReactive(inRef.value), isReactive(store.client)]).toEqual([false, false]);
  expect(await inRef.value.predict("/greet", ["Ada"])).toBe("Hello Ada");
  expect(await store.client.predict("/greet", ["Grace"])).toBe("Hello Grace");
  expect(await store.fork.predict("/greet", ["Alan"])).toBe("Hello Alan");

  const job = ref(client.submit<string>("/greet", ["Edsger"]));
  const seen: unknown[] = [];
  watchEffect(() => seen.push(job.value.status().stage));
  for await (const value of job.value.values()) seen.push(value);
  expect(await job.value.result()).toBe("Hello Edsger");
  store.job = job.value;
  expect(isReactive(store.job)).toBe(false);
  expect(seen).toContain("Hello Edsger");
  await client.close();
});
