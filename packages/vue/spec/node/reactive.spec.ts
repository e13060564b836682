import { createApp } from "@gradio-rx/testing";
import { Client, type Job } from "@gradio-rx/node";
import { createPinia, defineStore } from "pinia";
import { expect, test } from "vitest";
import { computed, isReactive, reactive, ref, watch, watchEffect } from "vue";

test("a client and a job work in ref and reactive: Vue makes no proxy of them", async () => {
  const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const inRef = ref(client);
  const store = reactive<{ client: Client; job: unknown; fork: Client }>({ client, job: null, fork: client.fork() });
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

test("a store of Pinia holds a client and a job, in its state and as a setup store, and notices a new job", async () => {
  const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const pinia = createPinia();
  interface State {
    client: Client | null;
    job: Job<string> | null;
  }
  const useOptions = defineStore("options", {
    state: (): State => ({ client: null, job: null }),
    actions: {
      async greet(name: string): Promise<string> {
        if (!this.client) throw new Error("The store has no client.");
        this.job = this.client.submit<string>("/greet", [name]);
        return await this.job.result();
      },
    },
  });
  const options = useOptions(pinia);
  const jobs: unknown[] = [];
  watch(
    () => options.job,
    (job) => jobs.push(job),
    { flush: "sync" },
  );
  options.client = client;
  expect(await options.greet("Ada")).toBe("Hello Ada");
  expect(await options.greet("Grace")).toBe("Hello Grace");
  expect(options.job?.outputs()).toEqual(["Hello Grace"]);
  expect([isReactive(options.client), isReactive(options.job)]).toEqual([false, false]);
  expect(jobs).toHaveLength(2);
  expect(jobs[1]).toBe(options.job);

  const useSetup = defineStore("setup", () => {
    const held = ref(client.fork());
    const job = ref(held.value.submit<string>("/greet", ["Alan"]));
    return { held, job, outputs: computed(() => job.value.outputs()) };
  });
  const setup = useSetup(pinia);
  expect(await setup.job.result()).toBe("Hello Alan");
  expect(setup.outputs).toEqual(["Hello Alan"]);
  setup.job = setup.held.submit<string>("/greet", ["Edsger"]);
  expect(await setup.job.result()).toBe("Hello Edsger");
  expect(setup.outputs).toEqual(["Hello Edsger"]);
  await client.close();
});
