import { expect, test } from "vitest";
import { loadStore } from "./store.ts";

test("a store is named with its batch, and without a password", async () => {
  expect((await loadStore("redis://user:secret@127.0.0.1:6379/2?name=captions&lease=5s")).shown).toBe(
    "redis://127.0.0.1:6379/2 (captions)",
  );
  expect((await loadStore("rediss://host")).shown).toBe("rediss://host (batch)");
  expect((await loadStore("captions.sqlite")).shown).toBe("captions.sqlite");
});

test.each([
  ["mysql://user:secret@host/x", "The store mysql://host/x is neither the path of a file nor a redis:// address."],
  ["redis://127.0.0.1?lease=soon", '"soon" is not a duration'],
  ["redis://127.0.0.1?lease=10ms", 'The option "lease" has to be at least 1000 ms.'],
  ["redis://127.0.0.1?name=a:b", 'The option "name" has to be a text without colons.'],
  ["redis://secret@:x", "The address of the store is not a URL"],
])("%s is refused", async (text, message) => {
  const refused = loadStore(text);
  await expect(refused).rejects.toMatchObject({ code: "input", message: expect.stringContaining(message) as string });
  await expect(refused).rejects.not.toThrow("secret");
});
