import { type Endpoint, endpoint, faultProxy, type ServedApp, serveApp, state, textbox } from "@gradio-rx/testing";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Client as PageClient } from "@gradio-rx/web";
import { Client, GradioError, InputError, ProtocolError, type RetryOptions } from "../../src/index.ts";
import { openSite } from "./site.ts";

// Apps that are replaced by others at their address, while a client is connected. Every call counts as one after an idle time: of some
// seconds, after which a call by name may go out before the app has confirmed its id, or of more than a minute.
const SOME_SECONDS = { CERTAIN: -1, RECENT: 60_000 };
const MINUTES = { CERTAIN: -1, RECENT: -1 };
const NONE = { CERTAIN: 60_000, RECENT: 60_000 };

const idle = vi.hoisted(() => ({ CERTAIN: -1, RECENT: -1 }));
vi.mock("../../../core/src/protocol/timings.ts", async (original) => {
  const timings = await original<object>();
  return Object.defineProperties(
    { ...timings },
    {
      CERTAIN: { get: () => idle.CERTAIN, enumerable: true },
      RECENT: { get: () => idle.RECENT, enumerable: true },
    },
  );
});

vi.setConfig({ testTimeout: 30_000 });

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
    streams: () => app.openStreams,
    redeploy: async (next: Record<string, Endpoint>) => {
      await app.close();
      app = await serveApp(next, { port: Number(new URL(url).port) });
    },
  };
}

/** Starts a proxy that causes faults, and closes it with the test. */
async function proxyOf(url: string): ReturnType<typeof faultProxy> {
  const proxy = await faultProxy(url);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function connect(url: string, retry: RetryOptions = { minDelay: 20 }): Promise<Client> {
  const client = await Client.connect(url, { retry });
  onTestFinished(() => client.close());
  return client;
}

describe.each([
  ["some seconds", SOME_SECONDS],
  ["minutes", MINUTES],
])("after an idle time of %s", (_name, times) => {
  beforeEach(() => void Object.assign(idle, times));

  test("a call by name runs the function of that name after a redeploy with functions in another order", async () => {
    const app = await deploy({ preview, remove });
    const client = await connect(app.url);
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    await app.redeploy({ remove, preview });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.predict("/remove", { given: "x" })).toBe("removed x");
  });

  test("an app that keeps state since its redeploy is called as before, and gets the heartbeat that it expects", async () => {
    const app = await deploy({ preview });
    const client = await connect(app.url);
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    const all = state("");
    const collect = endpoint({
      inputs: [textbox("given"), all],
      outputs: [textbox("all"), all],
      fn: (given: string, before: string) => [before + given, before + given],
    });
    await app.redeploy({ preview, collect });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.predict("/collect", ["a"])).toBe("a");
    expect(await client.predict("/collect", ["b"])).toBe("ab");
    await vi.waitFor(() => expect(app.count("GET", "/heartbeat/{session_hash}")).toBe(1), { timeout: 20_000 });
    await app.redeploy({ preview });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    await vi.waitFor(() => expect(app.streams()).toBe(0), { timeout: 20_000 });
  });

  test("calls that are made together, or while another one finds the redeploy, run the functions of their names", async () => {
    const app = await deploy({ preview, remove });
    const client = await connect(app.url);
    await client.predict("/preview", ["x"]);
    await app.redeploy({ remove, preview });
    const calls = ["/preview", "/remove", "/preview"].map((name) => client.predict(name, ["x"]));
    expect(await Promise.all(calls)).toEqual(["preview of x", "removed x", "preview of x"]);
    await app.redeploy({ preview, remove });
    for (const [name, answer] of [
      ["/preview", "preview of x"],
      ["/remove", "removed x"],
    ] as const)
      expect(await client.predict(name, ["x"])).toBe(answer);
  });

  test("the same holds behind a proxy that keeps its connections to the client", async () => {
    const app = await deploy({ preview, remove });
    const proxy = await proxyOf(app.url);
    const client = await connect(proxy.url);
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    await app.redeploy({ remove, preview });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
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

  test("a call sends its data as it was when the call was made, also after a redeploy", async () => {
    const app = await deploy({ preview, remove });
    const client = await connect(app.url);
    await app.redeploy({ remove, preview });
    const data = ["x"];
    const result = client.predict("/preview", data);
    data[0] = "changed";
    expect(await result).toBe("preview of x");
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

  test("a name that is gone is an InputError that lists the names of the new app, and no function runs", async () => {
    const app = await deploy({ preview, remove });
    const client = await connect(app.url);
    const removed = vi.fn<() => string>(() => "removed");
    await app.redeploy({ remove: endpoint({ inputs: [textbox("given")], outputs: [textbox("said")], fn: removed }) });
    const error: unknown = await client.predict("/preview", ["x"]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain("/remove");
    expect(removed).not.toHaveBeenCalled();
    expect(app.count("POST", "/queue/join")).toBe(0);
  });
});

describe("after an idle time of minutes", () => {
  beforeEach(() => void Object.assign(idle, MINUTES));

  test("a name that is gone is an InputError that lists the names of the new app, and nothing is sent", async () => {
    const app = await deploy({ preview, remove });
    const client = await connect(app.url);
    await app.redeploy({ remove });
    const error: unknown = await client.predict("/preview", ["x"]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toContain("/remove");
    expect(app.count("POST", "/queue/join")).toBe(0);
  });
});

describe("soon after the last call, the app is asked for its id", () => {
  beforeEach(() => void Object.assign(idle, NONE));

  test("after it did not know the session", async () => {
    const app = await deploy({ preview });
    const proxy = await proxyOf(app.url);
    const client = await connect(proxy.url);
    await client.predict("/preview", ["x"]);
    await client.predict("/preview", ["x"]);
    expect(app.count("GET", "/app_id")).toBe(0);
    const lost = { msg: "unexpected_error", message: "Session not found", session_not_found: true, success: false };
    proxy.add({ path: "/queue/data", fault: { events: { edits: [{ do: "replace", with: [lost] }] } } });
    // The message that the fault replaces does not come again.
    await client.predict("/preview", ["x"], { timeout: 500 }).catch(() => undefined);
    await client.predict("/preview", ["x"]);
    expect(app.count("GET", "/app_id")).toBe(1);
  });

  test("after its stream was opened again", async () => {
    const app = await deploy({ preview });
    const proxy = await proxyOf(app.url);
    const client = await connect(proxy.url);
    proxy.add({ path: "/queue/data", fault: { answer: { status: 502 } } });
    await client.predict("/preview", ["x"]);
    await client.predict("/preview", ["x"]);
    expect(app.count("GET", "/app_id")).toBe(1);
  });
});

describe("a call by name after an idle time of some seconds", () => {
  beforeEach(() => void Object.assign(idle, SOME_SECONDS));

  const pair = endpoint({
    inputs: [textbox("first"), textbox("second")],
    outputs: [textbox("both")],
    fn: (first: string, second: string) => `${first} ${second}`,
  });
  const grow = endpoint({
    inputs: [textbox("given")],
    outputs: [textbox("said")],
    async *fn(given: string) {
      yield given;
      yield `${given}${given}`;
    },
  });

  test("does not wait until the app has confirmed its id", async () => {
    const app = await deploy({ preview, pair });
    const proxy = await proxyOf(app.url);
    proxy.add({ method: "GET", path: "/app_id", times: "always", fault: { breaks: { at: "head", how: "stall" } } });
    const clients = await Promise.all([1, 2, 3].map(() => connect(proxy.url)));
    expect(await clients[0]!.predict("/preview", ["x"])).toBe("preview of x");
    expect(await clients[1]!.predict("/preview", { given: "y" })).toBe("preview of y");
    expect(await clients[2]!.predict("/pair", ["a", "b"])).toBe("a b");
    expect(app.count("POST", "/queue/join")).toBe(0);
  });

  test("waits for it where a call by name could mean something else", async () => {
    const app = await deploy({ pair, grow });
    const client = await connect(app.url);
    expect(await client.predict("/pair", { second: "b", first: "a" })).toBe("a b");
    expect(await client.predict("/grow", ["x"])).toBe("xx");
    expect(await client.predict(0, ["a", "b"])).toBe("a b");
    expect(app.count("POST", "/queue/join")).toBe(3);
    expect(app.count("GET", "/app_id")).toBe(3);
  });

  test("finds a redeploy for the next call, which runs the function of its name", async () => {
    const app = await deploy({ preview, grow });
    const client = await connect(app.url);
    await client.predict("/preview", ["x"]);
    await app.redeploy({ grow, remove, preview });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    Object.assign(idle, NONE);
    expect(await client.predict("/grow", ["y"])).toBe("yy");
    expect(client.endpoints.map(({ name }) => name)).toEqual(["/grow", "/remove", "/preview"]);
  });

  test("leaves the app unconfirmed where it does not tell its id, so that the next call asks for it again", async () => {
    const app = await deploy({ preview, grow });
    const proxy = await proxyOf(app.url);
    const client = await connect(proxy.url, { limit: 0 });
    await client.predict("/preview", ["x"]);
    await app.redeploy({ grow, remove, preview });
    proxy.add({ method: "GET", path: "/app_id", fault: { answer: { status: 502 } } });
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
    Object.assign(idle, NONE);
    expect(await client.predict("/grow", ["y"])).toBe("yy");
  });

  test("fails as the app's own failure does where the app does not accept it", async () => {
    const app = await deploy({ preview });
    const proxy = await proxyOf(app.url);
    const client = await connect(proxy.url);
    proxy.add({ method: "POST", path: "/call/preview", fault: { answer: { status: 500, body: "no" } } });
    const error: unknown = await client.predict("/preview", ["x"]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(await client.predict("/preview", ["x"])).toBe("preview of x");
  });

  test("passes a proxy that allows the endpoint, and no other", async () => {
    const site = await openSite({ authorize: (_, { endpoint: name }) => name === null || name === "/greet" });
    const client = await PageClient.connect("me/app", {
      proxy: `${site.url}/api/gradio`,
      fetch: (request) => fetch(request),
    });
    onTestFinished(() => client.close());
    expect(await client.predict("/greet", ["you"])).toBe("Hello you");
    await expect(client.predict("/fail", [])).rejects.toThrow(GradioError);
    expect(site.app.count("POST", "/call/{name}")).toBe(1);
    expect(site.app.count("POST", "/queue/join")).toBe(0);
  });
});
