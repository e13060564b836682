import { type Component, h, isProxy, isReactive, isReadonly, nextTick, reactive, ref, shallowRef } from "vue";
import { expect, expectTypeOf, test } from "vitest";
import { CancelledError, Client, InputError } from "@gradio-rx/web";
import {
  createGradio,
  provideGradio,
  useGradio,
  type UseGradioReturn,
  useJob,
  type UseJobOptions,
  usePrediction,
  type UsePredictionReturn,
} from "@gradio-rx/vue";
import { openApp, settle, show, until } from "./page.ts";

/** A component with one `useJob`, and what a test needs of it. */
function withJob(endpoint = "/write", options?: UseJobOptions<string>) {
  let job!: ReturnType<typeof setup>;
  let renders = 0;
  const setup = () => useJob<string>(endpoint, options);
  const component: Component = {
    setup() {
      job = setup();
      return () => {
        renders++;
        return h("p", job.data.value ?? job.phase.value);
      };
    },
  };
  return { component, job: () => job, renders: () => renders };
}

/** A component with one `usePrediction`. */
function withPrediction(use: () => UsePredictionReturn<string>) {
  let prediction!: UsePredictionReturn<string>;
  const seen: { phase: string; data: string | undefined; isPrevious: boolean }[] = [];
  const component: Component = {
    setup() {
      prediction = use();
      return () => {
        const { phase, data, isPrevious } = prediction;
        seen.push({ phase: phase.value, data: data.value, isPrevious: isPrevious.value });
        return h("p", data.value ?? phase.value);
      };
    },
  };
  return { component, seen, prediction: () => prediction };
}

test("a call goes from idle through pending and streaming to success; its fields are readonly refs of plain values", async () => {
  const front = openApp();
  const { component, job } = withJob();
  const page = show(front, component);
  expect(page.text()).toBe("idle");
  const result = job().run(["cats"]);
  expect(job().phase.value).toBe("pending");
  await until(() => page.text() === "cats");
  expect([job().phase.value, job().isPending.value, job().outputs.value]).toEqual(["streaming", true, ["cats"]]);
  expect(isReadonly(job().data)).toBe(true);
  expect([job().job.value, job().status.value, job().logs.value].some((value) => isProxy(value))).toBe(false);
  while (job().isPending.value) {
    front.step();
    await settle();
  }
  expect(await result).toBe("cats 1 2 3");
  expect([job().phase.value, page.text()]).toEqual(["success", "cats 1 2 3"]);
  expect([front.calls(), front.connections()]).toEqual([1, 1]);
});

test("cancel stops the call at the server; reset returns to idle", async () => {
  const front = openApp();
  const { component, job } = withJob();
  const page = show(front, component);
  const result = job().run(["cats"]);
  await until(() => page.text() === "cats");
  expect(await job().cancel()).toBe(true);
  await expect(result).rejects.toBeInstanceOf(CancelledError);
  await until(() => front.app.running === 0);
  expect([job().phase.value, job().data.value, job().error.value]).toEqual(["cancelled", "cats", null]);
  job().reset();
  expect([job().phase.value, job().data.value]).toEqual(["idle", undefined]);
});

test("many outputs render at most once a frame", async () => {
  const front = openApp();
  const { component, job, renders } = withJob("/burst");
  show(front, component);
  let frames = 0;
  const count = (): void => {
    frames++;
    if (job().phase.value !== "success") requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const since = renders();
  expect(await job().run([300])).toBe(300);
  await settle();
  expect(job().outputs.value).toHaveLength(300);
  expect(renders() - since).toBeLessThanOrEqual(frames + 3);
});

test("disposal of the scope cancels at the server; app.unmount closes the client", async () => {
  const front = openApp();
  const { component, job } = withJob();
  const isShown = ref(true);
  let gradio!: UseGradioReturn<object>;
  const page = show(front, {
    setup() {
      gradio = useGradio();
      return () => (isShown.value ? h(component) : "gone");
    },
  });
  void job().run(["cats"]);
  await until(() => page.text() === "cats");
  const client = gradio.client.value!;
  isShown.value = false;
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  page.unmount();
  await until(() => front.app.openStreams === 0);
  await expect(client.predict("/greet", ["you"])).rejects.toThrow("closed");
});

test("a component that leaves before its call was sent sends none", async () => {
  const front = openApp();
  const { component, job } = withJob();
  const page = show(front, component);
  const result = job().run(["cats"]);
  page.unmount();
  await expect(result).rejects.toBeInstanceOf(CancelledError);
  await settle();
  expect(front.calls()).toBe(0);
});

test("a prediction starts when its component is mounted, and runs again when its data changes", async () => {
  const front = openApp();
  const name = ref("you");
  const { component, seen } = withPrediction(() => usePrediction<string>("/greet", () => [name.value]));
  const page = show(front, component);
  expect(seen).toEqual([{ phase: "pending", data: undefined, isPrevious: false }]);
  await until(() => page.text() === "Hello you");
  name.value = "me";
  await until(() => page.text() === "Hello me");
  expect(seen).toContainEqual({ phase: "pending", data: "Hello you", isPrevious: true });
  expect(front.calls()).toBe(2);
});

test("deep changes count; proxies and refs inside of the data are taken off", async () => {
  const front = openApp();
  const given = reactive({ name: "you" });
  const { component } = withPrediction(() => usePrediction<string>("/greet", given));
  const page = show(front, component);
  await until(() => page.text() === "Hello you");
  given.name = "me";
  await until(() => page.text() === "Hello me");
  given.name = "me";
  await settle();
  expect(front.calls()).toBe(2);
});

test("refs may stand inside of the data", async () => {
  const front = openApp();
  const name = ref("you");
  const { component } = withPrediction(() => usePrediction<string>("/greet", [name]));
  const page = show(front, component);
  await until(() => page.text() === "Hello you");
  name.value = "me";
  await until(() => page.text() === "Hello me");
});

test("Files of reactive data are sent as they are, and compared by identity", async () => {
  const front = openApp();
  const given = reactive<{ file: File | null }>({ file: new File(["a"], "a.txt") });
  const { component } = withPrediction(() => usePrediction<string>("/name", () => [given.file]));
  const page = show(front, component);
  await until(() => page.text() === "a.txt");
  given.file = new File(["a"], "b.txt");
  await until(() => page.text() === "b.txt");
});

test("data of null is idle; initialData is the result of the first data", async () => {
  const front = openApp();
  const data = shallowRef<string[] | null>(null);
  const { component } = withPrediction(() => usePrediction<string>("/greet", data));
  const page = show(front, component);
  await settle();
  expect([page.text(), front.calls()]).toEqual(["idle", 0]);
  data.value = ["you"];
  await until(() => page.text() === "Hello you");
  data.value = null;
  await until(() => page.text() === "idle");

  const other = openApp();
  const answered = withPrediction(() => usePrediction<string>("/greet", ["you"], { initialData: "before" }));
  const second = show(other, answered.component);
  await settle();
  expect([second.text(), other.calls()]).toEqual(["before", 0]);
});

test("debounce: the first data runs at once, later data after a pause", async () => {
  const front = openApp();
  const name = ref("a");
  const { component, prediction } = withPrediction(() =>
    usePrediction<string>("/greet", () => [name.value], { debounce: 400 }),
  );
  const page = show(front, component);
  await until(() => page.text() === "Hello a");
  for (const next of ["ab", "abc", "abcd"]) {
    name.value = next;
    await nextTick();
    expect(prediction().isPending.value).toBe(true);
  }
  await until(() => page.text() === "Hello abcd");
  expect(front.started).toEqual(["a", "abcd"]);
});

test("another app of provideGradio is another client, and cancels what ran on the old one", async () => {
  const [one, other] = [openApp(), openApp()];
  const app = ref(`${one.app.url}/?of=one`);
  const options = () => (app.value.endsWith("one") ? one.options : other.options);
  const { component } = withPrediction(() => usePrediction<string>("/write", ["cats"]));
  const page = show(null, {
    setup() {
      provideGradio({ app, options });
      return () => h(component);
    },
  });
  await until(() => page.text() === "cats");
  app.value = `${other.app.url}/?of=other`;
  await until(() => one.app.running === 0 && one.app.openStreams === 0);
  await until(() => other.app.running === 1);
  expect([one.calls(), one.connections(), other.calls(), other.connections()]).toEqual([1, 1, 1, 1]);
  page.unmount();
  await until(() => other.app.running === 0 && other.app.openStreams === 0);
});

test("a given client stays its owner's", async () => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  let gradio!: UseGradioReturn<object>;
  const page = show(null, {
    setup() {
      provideGradio({ client });
      return () => h({ setup: () => ((gradio = useGradio()), () => h("p", gradio.phase.value)) });
    },
  });
  await until(() => page.text() === "ready");
  expect(gradio.client.value).toBe(client);
  expect(isReactive(gradio.client.value)).toBe(false);
  page.unmount();
  await settle();
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  await client.close();
});

test("a start function needs no provider; a name without one is an InputError", async () => {
  const front = openApp();
  const client = await Client.connect(front.app.url, front.options);
  let job!: ReturnType<typeof useStarter>;
  const useStarter = () =>
    useJob({ start: (name: string, { signal }) => client.submit<string>("/greet", [name], { signal }) });
  show(null, { setup: () => ((job = useStarter()), () => h("p", job.phase.value)) });
  expect(await job.run("you")).toBe("Hello you");
  let error: unknown;
  const failing = {
    setup() {
      try {
        useJob("/greet");
      } catch (thrown) {
        error = thrown;
      }
      return () => h("p");
    },
  };
  show(null, failing);
  expect(error).toBeInstanceOf(InputError);
  await client.close();
});

test("callbacks are those of the newest options", async () => {
  const front = openApp();
  const told: string[] = [];
  const name = ref("first");
  let job!: ReturnType<typeof use>;
  const use = () =>
    useJob<string>("/write", () => {
      const mine = name.value;
      return { onData: ({ data }) => told.push(`${mine}: ${data}`) };
    });
  show(front, { setup: () => ((job = use()), () => h("p", job.phase.value)) });
  void job.run(["cats"]);
  await until(() => told.length === 1);
  name.value = "second";
  await front.nextStep();
  await until(() => told.length === 2);
  expect(told).toEqual(["first: cats", "second: cats 1"]);
});

test("createGradio knows the endpoints, also of data by position", () => {
  type Api = { "/greet": { input: { who: string }; args: [who: string]; output: string } };
  const own = createGradio<Api>();
  const who = ref("you");
  const use = () => own.usePrediction("/greet", () => [who.value]);
  const useRefs = () => own.usePrediction("/greet", { who });
  expectTypeOf<ReturnType<typeof use>["data"]["value"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<ReturnType<typeof useRefs>["data"]["value"]>().toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- a number is not a name
  const useWrong = () => own.usePrediction("/greet", () => [1]);
  const useObject = () => own.usePrediction("/greet", { who: "you" });
  const useNothing = () => own.usePrediction("/greet", () => (who.value === "" ? null : [who.value]));
  expect([use, useRefs, useWrong, useObject, useNothing]).toHaveLength(5);
});
