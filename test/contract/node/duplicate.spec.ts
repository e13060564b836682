import { AuthenticationError, Client, SpaceError, type SpaceStatus } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { Hub } from "../../servers/hub.ts";
import { appUrl, errorOf } from "../place.ts";

type Options = NonNullable<Parameters<typeof Client.duplicate>[1]>;

/** Starts a Hub on 127.0.0.1 with a Space to duplicate. */
async function hubWith(): Promise<Hub> {
  const hub = await Hub.start();
  onTestFinished(() => hub.close());
  await hub.add("owner/name", { app: await appUrl(), stages: ["PAUSED"] });
  hub.copies = { stages: ["BUILDING", "APP_STARTING", "RUNNING"] };
  return hub;
}

async function duplicate(hub: Hub, options: Options = {}): Promise<Client> {
  const client = await Client.duplicate("owner/name", { hubUrl: hub.url, token: "hf_mine", ...options });
  onTestFinished(() => client.close());
  return client;
}

test("a Space is duplicated privately under the user's name, waited for, and called", async () => {
  const hub = await hubWith();
  const stages: string[] = [];
  const client = await duplicate(hub, { onSpaceStatus: ({ stage }: SpaceStatus) => void stages.push(stage) });
  expect(await client.predict("/echo", ["copy"])).toBe("copy");
  expect(hub.seen.slice(0, 3)).toEqual([
    "GET /api/whoami-v2 hf_mine",
    "POST /api/spaces/owner/name/duplicate hf_mine",
    "GET /api/spaces/me/name/host hf_mine",
  ]);
  expect(hub.posted.get("/api/spaces/owner/name/duplicate")).toEqual({ repository: "me/name", private: true });
  expect(stages.at(-1)).toBe("RUNNING");
});

test("a duplicate gets the requested name, hardware, secrets and sleep time", async () => {
  const hub = await hubWith();
  const secrets = { KEY: "value" };
  await duplicate(hub, { to: "team/other", private: false, hardware: "t4-small", secrets, sleepTimeout: 90_500 });
  expect(hub.posted.get("/api/spaces/owner/name/duplicate")).toEqual({
    repository: "team/other",
    private: false,
    hardware: "t4-small",
    secrets: [{ key: "KEY", value: "value" }],
  });
  expect(hub.posted.get("/api/spaces/team/other/sleeptime")).toEqual({ seconds: 91 });
  await duplicate(hub, { to: "slow", hardware: "t4-small" });
  expect(hub.posted.get("/api/spaces/me/slow/sleeptime")).toEqual({ seconds: 300 });
  await duplicate(hub, { to: "never", hardware: "t4-small", sleepTimeout: Infinity });
  expect(hub.posted.get("/api/spaces/me/never/sleeptime")).toEqual({ seconds: -1 });
});

test("an existing duplicate is used unchanged, and the logger is told so", async () => {
  const hub = await hubWith();
  await hub.add("me/name", { app: await appUrl() });
  const lines: string[] = [];
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: (line: string) => void lines.push(line), warn: quiet, error: quiet };
  const client = await duplicate(hub, { logger, hardware: "t4-small", sleepTimeout: 60_000 });
  expect(await client.predict("/echo", ["copy"])).toBe("copy");
  expect(lines).toEqual([expect.stringMatching(/me\/name exists and is used as it is/)]);
  expect([...hub.posted.keys()]).toEqual(["/api/spaces/owner/name/duplicate"]);
});

test.each<[string, Options]>([
  ["to", { to: "a/b/c" }],
  ["private", { private: "yes" as unknown as boolean }],
  ["hardware", { hardware: "" }],
  ["secrets", { secrets: { key: 1 } as unknown as Record<string, string> }],
  ["sleepTimeout", { sleepTimeout: -1, hardware: "t4-small" }],
  ["sleepTimeout", { sleepTimeout: 60_000 }],
  ["sleepTimeout", { sleepTimeout: 60_000, hardware: "cpu-basic" }],
  ["sleep_timeout", { sleep_timeout: 5 } as Options],
])("invalid options are rejected before a request: %s", async (parameter, options) => {
  const hub = await hubWith();
  expect(await errorOf(duplicate(hub, options))).toMatchObject({ code: "input", parameter });
  expect(hub.seen).toEqual([]);
});

test("without a token, with a token that cannot write, or without such a Space, the error says what is missing", async () => {
  const hub = await hubWith();
  for (const token of [undefined, "hf_read", "hf_wrong"]) {
    const error = await errorOf(duplicate(hub, { token }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toMatch(/may write/);
  }
  const unknown = await errorOf(Client.duplicate("no/body", { hubUrl: hub.url, token: "hf_mine" }));
  expect(unknown).toBeInstanceOf(AuthenticationError);
  expect(unknown.message).toContain("no/body");
  expect(await errorOf(Client.duplicate(await appUrl(), { hubUrl: hub.url, token: "hf_mine" }))).toMatchObject({
    code: "input",
  });
});

test("a duplicate that cannot be built fails like any Space", async () => {
  const hub = await hubWith();
  hub.copies = { stages: ["BUILDING", "BUILD_ERROR"] };
  const error = await errorOf(duplicate(hub));
  expect(error).toBeInstanceOf(SpaceError);
  expect(error).toMatchObject({ stage: "BUILD_ERROR" });
});
