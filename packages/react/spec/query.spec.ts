import { QueryClient, QueryClientProvider, useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createElement, type ReactNode, StrictMode, Suspense, useState } from "react";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { Client, ConnectionError, QueueFullError } from "@gradio-rx/web";
import { gradioQueries } from "@gradio-rx/web/query";
import { type FrontApp, openApp, settle, show, until } from "./page.ts";

async function connect(front: FrontApp): Promise<Client> {
  const client = await Client.connect(front.app.url, front.options);
  onTestFinished(() => client.close());
  return client;
}

/** A component in StrictMode with a query client. */
function page(Component: () => ReactNode, client: QueryClient = queryClient()): ReactNode {
  return createElement(StrictMode, null, createElement(QueryClientProvider, { client }, createElement(Component)));
}

function queryClient(): QueryClient {
  const client = new QueryClient();
  onTestFinished(() => client.clear());
  return client;
}

test("a prediction costs one call in StrictMode, and is not made again by another mount, focus or reconnect", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const Part = (): ReactNode => useQuery(queries.prediction<string>("/greet", ["you"])).data;
  let setCount!: (count: number) => void;
  const Component = (): ReactNode => {
    const [count, set] = useState(1);
    setCount = set;
    return Array.from({ length: count }, (_, key) => createElement(Part, { key }));
  };
  const shown = show(page(Component));
  await until(() => shown.text() === "Hello you");
  expect(front.calls()).toBe(1);
  setCount(2);
  await until(() => shown.text() === "Hello youHello you");
  dispatchEvent(new Event("visibilitychange"));
  dispatchEvent(new Event("offline"));
  dispatchEvent(new Event("online"));
  await settle();
  expect(front.calls()).toBe(1);
});

test("a query that is no longer needed is cancelled at the server", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const Component = (): ReactNode => useQuery(queries.prediction("/hold", ["you"])).status;
  const shown = show(page(Component));
  await until(() => front.started.length === 1);
  shown.unmount();
  await until(() => front.app.running === 0);
  expect(front.cancelled()).toBe(1);
});

test("useSuspenseQuery reads a prediction", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const Inner = (): ReactNode => useSuspenseQuery(queries.prediction<string>("/greet", ["you"])).data;
  const Component = (): ReactNode => createElement(Suspense, { fallback: "waiting" }, createElement(Inner));
  const shown = show(page(Component));
  await until(() => shown.text() === "waiting");
  await until(() => shown.text() === "Hello you");
  expect(front.calls()).toBe(1);
});

test("a stream shows its newest output while it runs", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const Component = (): ReactNode => {
    const { data, fetchStatus } = useQuery(queries.stream<string>("/write", ["cats"]));
    return `${fetchStatus} ${data ?? ""}`;
  };
  const shown = show(page(Component));
  await until(() => shown.text() === "fetching cats");
  await front.nextStep();
  await until(() => shown.text() === "fetching cats 1");
  while (shown.text() !== "idle cats 1 2 3") {
    front.step();
    await settle();
  }
  expect(front.calls()).toBe(1);
});

test("a stream is written once a frame", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const client = queryClient();
  let writes = 0;
  let frames = 0;
  let isDone = false;
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "success") writes++;
  });
  const count = (): void => {
    frames++;
    if (!isDone) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  expect(await client.fetchQuery(queries.stream<number>("/burst", [300]))).toBe(300);
  isDone = true;
  // The last output is written before the end, and returned.
  expect(writes).toBeLessThanOrEqual(frames + 2);
});

test("a stream that is cancelled leaves no output, and its next run begins anew", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const client = queryClient();
  const options = queries.stream<string>("/write", ["cats"]);
  const Component = (): ReactNode => {
    const { data, status } = useQuery(options);
    return data ?? status;
  };
  const shown = show(page(Component, client));
  await until(() => shown.text() === "cats");
  await client.cancelQueries({ queryKey: queries.key() });
  await until(() => front.app.running === 0);
  expect(client.getQueryData(options.queryKey)).toBeUndefined();
  // A refetch in the middle of a run.
  void client.refetchQueries({ queryKey: queries.key("/write") });
  await until(() => shown.text() === "cats");
  void client.refetchQueries({ queryKey: queries.key("/write", ["cats"]) });
  await until(() => front.cancelled() === 2);
  expect(client.getQueryData(options.queryKey)).toBeUndefined();
  await until(() => shown.text() === "cats");
  expect(front.calls()).toBe(3);
});

test("a mutation makes a call, and is never retried", async () => {
  const front = openApp();
  const queries = gradioQueries(await connect(front));
  const client = new QueryClient({ defaultOptions: { mutations: { retry: 3, retryDelay: 0 } } });
  let mutation!: ReturnType<typeof useGreet>;
  const useGreet = () => useMutation(queries.mutation<string>("/greet"));
  let failing!: ReturnType<typeof useFail>;
  const useFail = () => useMutation(queries.mutation("/fail"));
  const Component = (): ReactNode => {
    mutation = useGreet();
    failing = useFail();
    return mutation.data ?? mutation.status;
  };
  const shown = show(page(Component, client));
  await until(() => shown.text() === "idle");
  expect(await mutation.mutateAsync(["you"])).toBe("Hello you");
  await until(() => shown.text() === "Hello you");
  await expect(failing.mutateAsync()).rejects.toThrow("no luck");
  expect(front.calls()).toBe(2);
});

test("a call is retried twice, and only where the app ran nothing", () => {
  const { retry } = gradioQueries(() => Promise.reject(new Error())).prediction("/greet");
  const full = new QueueFullError("full");
  expect([0, 1, 2].map((failures) => retry(failures, full))).toEqual([true, true, false]);
  expect(retry(0, new ConnectionError("lost", { accepted: true }))).toBe(false);
});

test("keys tell Files apart by identity, and name the app", async () => {
  const front = openApp();
  const client = await connect(front);
  const queries = gradioQueries(client);
  const [one, other] = [new File(["a"], "a.txt"), new File(["a"], "a.txt")];
  const hash = (data: object): string => JSON.stringify(queries.prediction("/name", data).queryKey);
  expect(hash([one])).toBe(hash([one]));
  expect(hash([one])).not.toBe(hash([other]));
  expect(hash({ file: one })).not.toBe(hash({ file: other }));
  expect(hash([1n])).not.toBe(hash(["1"]));
  expect(queries.key()).toEqual([client.app.url]);
  expect(gradioQueries(client, { key: "mine" }).key("greet")).toEqual(["mine", "/greet"]);
  const promise = Promise.resolve(client);
  expect(gradioQueries(promise).key()).toEqual(gradioQueries(promise).key());
  expect(queries.prediction("/greet", ["you"]).queryKey).toEqual(queries.key("/greet", ["you"]));
});

test("a promise of a client and a function do as well", async () => {
  const front = openApp();
  const client = await connect(front);
  const cache = queryClient();
  for (const source of [Promise.resolve(client), () => client, () => Promise.resolve(client)])
    expect(await cache.fetchQuery(gradioQueries(source).prediction("/greet", ["you"]))).toBe("Hello you");
});

test("a typed client types the data", () => {
  type Api = { "/greet": { input: { who: string }; args: [who: string]; output: string } };
  const queries = gradioQueries<Api>(() => Promise.reject(new Error()));
  const use = () => useQuery(queries.prediction("/greet", ["you"])).data;
  expectTypeOf<ReturnType<typeof use>>().toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- a number is not a name
  expect(() => queries.prediction("/greet", [1])).not.toThrow();
});
