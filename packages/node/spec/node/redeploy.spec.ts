import { type Endpoint, endpoint, faultProxy, type ServedApp, serveApp, textbox } from "@gradio-rx/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { Client, InputError } from "../../src/index.ts";

// Apps that are replaced by others at their address, while a client is connected. Every call counts as one after an idle time.
vi.mock("../../../core/src/protocol/timings.ts", async (original) => ({ ...(await original<object>()), CERTAIN: -1 }));

const said = (word: string): Endpoint =>
  endpoint({ inputs: [textbox("given")], outputs: [textbox("said")], fn: (given: string) => `${word} ${given}` });
const preview = said("preview of");
const remove = said("removed");

/** Serves an app, and others at the same address after it. */
async function deploy(endpoints: Record<string, Endpoint>) {
  let app: ServedApp = await serveApp(endpoints);
  onTestFinished(() => app.close());
  const { url } = app;
  return {
    url,
    count: (method: string, path: string) => app.count(method, path),
    redeploy: async (next: Record<string, Endpoint>) => {
      await app.close();
      app = await serveApp(next, { port: Number(new URL(url).port) });
    },
  };
}

async function connect(url: string): Promise<Client> {
  const client = await Client.connect(url, { retry: { minDelay: 20 } });
  onTestFinished(() => client.close());
  return client;
}

test("a call by name runs the function of that name after a redeploy with functions in another order", async () => {
  const app = await deploy({ preview, remove });
  const client = await connect(app.url);
  expect(await client.predict("/preview", ["x"])).toBe("preview of x");
  await app.redeploy({ remove, preview });
  expect(await client.predict("/preview", ["x"])).toBe("preview of x");
  expect(await client.predict("/remove", { given: "x" })).toBe("removed x");
});

test("the same holds behind a proxy that keeps its connections to the client", async () => {
  const app = await deploy({ preview, remove });
  const proxy = await faultProxy(app.url);
  onTestFinished(() => proxy.close());
  const client = await connect(proxy.url);
  expect(await client.predict("/preview", ["x"])).toBe("preview of x");
  await app.redeploy({ remove, preview });
  expect(await client.predict("/preview", ["x"])).toBe("preview of x");
});

test("a name that is gone is an InputError that lists the names of the new app, and nothing is sent", async () => {
  const app = await deploy({ preview, remove });
  const client = await connect(app.url);
  await app.redeploy({ remove });
  const error: unknown = await client.predict("/preview", ["x"]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain("/remove");
  expect(app.count("POST", "/queue/join")).toBe(0);
});

test("a name that is new is found without a word of the caller, and its arguments are those of the new app", async () => {
  const app = await deploy({ preview });
  const client = await connect(app.url);
  const both = endpoint({
    inputs: [textbox("first"), textbox("second")],
    outputs: [textbox("both")],
    fn: (first: string, second: string) => `${first} ${second}`,
  });
  await app.redeploy({ preview, both });
  expect(await client.predict("/both", { second: "b", first: "a" })).toBe("a b");
  expect(client.endpoints.map(({ name }) => name)).toEqual(["/preview", "/both"]);
});

test("refresh() reads the description anew at once", async () => {
  const app = await deploy({ preview });
  const client = await connect(app.url);
  await app.redeploy({ remove, preview });
  await client.refresh();
  expect(client.endpoints.map(({ name }) => name)).toEqual(["/remove", "/preview"]);
  expect(await client.predict("/preview", ["x"])).toBe("preview of x");
});

test("a call that runs again after a redeploy runs the function of its name", async () => {
  const wait = endpoint({
    inputs: [textbox("given")],
    outputs: [textbox("said")],
    fn: async function* (given: string) {
      yield `begun ${given}`;
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  });
  const app = await deploy({ preview: wait, remove });
  const client = await connect(app.url);
  const job = client.submit<string>("/preview", ["x"], { resubmit: true });
  await expect.poll(() => job.outputs()).toEqual(["begun x"]);
  await app.redeploy({ remove, preview });
  expect(await job.result()).toBe("preview of x");
  expect(job.status().attempt).toBeGreaterThan(1);
});

test("the same app is asked for its id alone, once for calls that are made together", async () => {
  const app = await deploy({ preview });
  const client = await connect(app.url);
  const before = app.count("GET", "/config");
  await Promise.all(Array.from({ length: 5 }, (_, count) => client.predict("/preview", [`${count}`])));
  expect(app.count("GET", "/config")).toBe(before);
  expect(app.count("GET", "/app_id")).toBe(1);
});
