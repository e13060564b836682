import { Client, duplicate } from "@gradio-rx/compat";
import { serveApp, type ServedApp } from "@gradio-rx/testing";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { Hub, type SpaceSettings } from "../../../../test/servers/hub.ts";

let app: ServedApp;

beforeAll(async () => {
  app = await serveApp({ "/greet": (name: string) => `Hello ${name}` });
});

afterAll(async () => await app.close());
afterEach(() => void vi.unstubAllEnvs());

/** Starts a Hub on 127.0.0.1 with one Space, `owner/name`, which the client finds. */
async function hubWith(settings: Partial<SpaceSettings> = {}): Promise<Hub> {
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add("owner/name", { app: app.url, ...settings });
  vi.stubEnv("HF_ENDPOINT", hub.url);
  return hub;
}

test("status_callback receives the stages of a Space until it runs", async () => {
  await hubWith({ stages: ["BUILDING", "APP_STARTING", "RUNNING"] });
  const told: unknown[] = [];
  const client = await Client.connect("owner/name", { status_callback: (status) => void told.push(status) });
  expect((await client.predict("/greet", ["you"])).data).toEqual(["Hello you"]);
  client.close();
  expect(told[0]).toEqual(expect.objectContaining({ status: "building", load_status: "pending", detail: "BUILDING" }));
  expect(told.at(-1)).toMatchObject({ status: "running", load_status: "complete", detail: "RUNNING" });
}, 60_000);

test("a Space that failed is an error, and status_callback receives it", async () => {
  await hubWith({ stages: ["RUNTIME_ERROR"] });
  const told: unknown[] = [];
  const connecting = Client.connect("owner/name", { status_callback: (status) => void told.push(status) });
  await expect(connecting).rejects.toThrow("RUNTIME_ERROR");
  expect(told.at(-1)).toMatchObject({ status: "space_error", load_status: "error", detail: "RUNTIME_ERROR" });
}, 60_000);

test("duplicate copies a Space with the given visibility, hardware and timeout, and connects to the copy", async () => {
  const hub = await hubWith();
  hub.copies = { stages: ["RUNNING"] };
  const options = { token: "hf_mine", private: false, hardware: "t4-small", timeout: 5 } as const;
  for (const copy of [() => Client.duplicate("owner/name", options), () => duplicate("owner/name", options)]) {
    const client = await copy();
    expect((await client.predict("/greet", ["copy"])).data).toEqual(["Hello copy"]);
    client.close();
  }
  expect(hub.posted.get("/api/spaces/owner/name/duplicate")).toEqual({
    repository: "me/name",
    private: false,
    hardware: "t4-small",
  });
  expect(hub.posted.get("/api/spaces/me/name/sleeptime")).toEqual({ seconds: 300 });
}, 60_000);
