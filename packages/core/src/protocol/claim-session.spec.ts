import { expect, onTestFinished, test } from "vitest";
import { claimSession } from "./claim-session.ts";

const app = new URL("http://app.test/");
let count = 0;

/** A hash that no other test uses. */
const newHash = (): string => `claimed ${count++}`;

function client() {
  const closed = new AbortController();
  onTestFinished(() => closed.abort());
  return closed;
}

test("a second client on a session of this process is refused, and the first one keeps it", async () => {
  const hash = newHash();
  await claimSession(app, hash, client().signal);
  for (let time = 0; time < 2; time++)
    expect(() => claimSession(app, hash, client().signal)).toThrow(/in use by another client in this process/);
});

test("a client that closed frees its session", async () => {
  const hash = newHash();
  const first = client();
  await claimSession(app, hash, first.signal);
  first.abort();
  await expect.poll(() => claimSession(app, hash, client().signal).then(() => "claimed")).toBe("claimed");
});

test("the same hash at another app is another session", async () => {
  const hash = newHash();
  await claimSession(app, hash, client().signal);
  await expect(claimSession(new URL("http://other.test/"), hash, client().signal)).resolves.toBeUndefined();
});

test("a session that another page or worker reads is refused, and free again when that one ends", async () => {
  const hash = newHash();
  let end!: () => void;
  const held = new Promise<void>((resolve) => (end = resolve));
  const holding = navigator.locks.request(`gradio-rx ${app.href} ${hash}`, () => held);
  await expect(claimSession(app, hash, client().signal)).rejects.toMatchObject({
    name: "InputError",
    parameter: "sessionHash",
    message: expect.stringContaining("another page or worker"),
  });
  end();
  await holding;
  await claimSession(app, hash, client().signal);
});
