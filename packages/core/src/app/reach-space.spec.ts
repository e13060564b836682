import { expect, test, vi } from "vitest";
import { ConnectionError } from "../errors.ts";
import { reachSpace, type Ways } from "./reach-space.ts";

// As in a page whose network is gone: nothing more of it can be loaded.
vi.mock("./wake.ts", () => {
  throw new TypeError("Failed to fetch dynamically imported module");
});

const reference = { url: new URL("https://owner-name.hf.space/") };
const ways: Ways = {
  settings: { credentials: {} } as Ways["settings"],
  hub: new URL("https://hub.test/"),
  onAddress: undefined,
  warn: () => undefined,
};

test("where what waits for a Space cannot be loaded, connecting fails as the app did", async () => {
  const failure = new ConnectionError("The connection failed.");
  await expect(reachSpace(reference, {}, ways, () => Promise.reject(failure))).rejects.toBe(failure);
});

test("where what looks behind a call's error cannot be loaded, the call fails with that error", async () => {
  const app = { base: reference.url } as Awaited<ReturnType<typeof reachSpace>>["app"];
  const { explain } = await reachSpace(reference, {}, ways, () => Promise.resolve(app));
  const failure = new ConnectionError("The server failed.", { status: 502 });
  expect(await explain!(failure)).toBe(failure);
});
