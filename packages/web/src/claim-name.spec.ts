import { expect, test } from "vitest";
import { claimName } from "./claim-name.ts";

test("a name is held by one page or worker until its signal is aborted", async () => {
  const name = crypto.randomUUID();
  let end!: () => void;
  const elsewhere = navigator.locks.request(name, () => new Promise<void>((resolve) => (end = resolve)));
  await expect.poll(async () => (await navigator.locks.query()).held?.some((lock) => lock.name === name)).toBe(true);
  expect(await claimName(name, new AbortController().signal)).toBe(false);
  end();
  await elsewhere;
  const released = new AbortController();
  expect(await claimName(name, released.signal)).toBe(true);
  expect(await claimName(name, new AbortController().signal)).toBe(false);
  released.abort();
  await expect.poll(() => claimName(name, released.signal)).toBe(true);
});
