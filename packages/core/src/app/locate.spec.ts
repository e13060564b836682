import { expect, test, vi } from "vitest";
import { ConnectionError } from "../errors.ts";
import { locateApp } from "./locate.ts";
import type { LocateContext } from "./locate-space.ts";

// As in a page whose deployment was replaced: the parts that it has not loaded yet are gone.
vi.mock("./locate-space.ts", () => {
  throw new TypeError("Failed to fetch dynamically imported module");
});

const context: LocateContext = {
  settings: { credentials: {} } as LocateContext["settings"],
  hub: new URL("https://hub.test/"),
  onAddress: undefined,
  warn: () => undefined,
};

test("where the code for Spaces cannot be loaded, connecting fails with a ConnectionError that says to reload", async () => {
  const reference = { space: "owner/name", query: new URLSearchParams(), authorization: null };
  const error = await locateApp(reference, {}, context).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error).toMatchObject({ accepted: false, message: expect.stringContaining("Reload the page") });
});
