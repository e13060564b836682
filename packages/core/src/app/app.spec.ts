import { expect, test } from "vitest";
import { RetryBudget } from "../http/retry.ts";
import { Http } from "../http/request.ts";
import { findApp } from "./app.ts";

const base = new URL("http://app.test/sub/");
const text = { id: 1, type: "textbox", props: { label: "text" } };
const echo = { id: 0, inputs: [1], outputs: [1], api_name: "echo", backend_fn: true };
const newest = {
  version: "6.31.0",
  protocol: "sse_v3",
  api_prefix: "/gradio_api",
  components: [text],
  dependencies: [echo],
};
const described = {
  named_endpoints: { "/echo": { parameters: [{ parameter_name: "said", label: "text" }], returns: [] } },
};

/** Finds the app of a server that answers by path; says what was asked for. */
async function find(answers: Record<string, () => Response>) {
  const asked: string[] = [];
  const http = (at: URL): Http =>
    new Http({
      base: at,
      credentials: {},
      timeout: 1_000,
      retry: { limit: 0, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
      limits: { event: 10_000, body: 1_000_000, depth: 100, pendingMessages: 5 },
      closed: new AbortController().signal,
      transport: {
        send: async (request) => {
          const path = new URL(request.url).pathname;
          asked.push(path);
          return answers[path]?.() ?? new Response("<html>", { status: 404 });
        },
        upload: () => Promise.reject(new Error("nothing is uploaded here")),
      },
    });
  const found = findApp(base, http, { query: {}, signal: undefined });
  return { asked, app: await found.catch((error: unknown) => error) };
}

const json = (body: unknown) => (): Response => Response.json(body);
const names = (app: unknown): unknown =>
  (app as { endpoints: { parameters: { name: string }[] }[] }).endpoints[0]!.parameters[0]!.name;

test("configuration and description are asked for at once, two requests in all", async () => {
  const { app, asked } = await find({ "/sub/config": json(newest), "/sub/gradio_api/info": json(described) });
  expect(asked.toSorted()).toEqual(["/sub/config", "/sub/gradio_api/info"]);
  expect(names(app)).toBe("said");
});

test("the description is asked for again where the app has it elsewhere", async () => {
  const { app, asked } = await find({
    "/sub/config": json({ ...newest, version: "4.44.1", api_prefix: undefined }),
    "/sub/info": json(described),
  });
  expect(asked).toContain("/sub/info");
  expect(names(app)).toBe("said");
});

test("an app without a description can be called by position", async () => {
  const { app } = await find({ "/sub/config": json(newest) });
  expect(names(app)).toBeNull();
});

test("an app that has its configuration in its page alone is found there", async () => {
  const page = `<script>window.gradio_config = ${JSON.stringify({ ...newest, version: "3.1", protocol: undefined, api_prefix: undefined })};</script>`;
  const { app } = await find({ "/sub/": () => new Response(page), "/sub/info": json(described) });
  expect(app).toMatchObject({ base, config: { version: "3.1", protocol: "ws" } });
});

test("a page that is no app's is no app, and is not described", async () => {
  const { app, asked } = await find({ "/sub/": () => new Response("<html>hello") });
  expect(app).toMatchObject({ code: "protocol", status: 404 });
  expect(asked.filter((path) => path === "/sub/info")).toEqual([]);
});
