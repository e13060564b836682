import { expect, onTestFinished, test } from "vitest";
import { type ClaimName, claimSession } from "./claim-session.ts";

const app = new URL("http://app.test/");
let count = 0;

/** A hash that no other test uses. */
const newHash = (): string => `claimed ${count++}`;

function client() {
  const closed = new AbortController();
  onTestFinished(() => closed.abort());
  return closed;
}

const claim = (to: URL, hash: string, closed: AbortController, claimName?: ClaimName): Promise<void> =>
  claimSession({ app: to, hash, released: closed.signal, claimName });

test("a second client on a session of this process is refused, and the first one keeps it", async () => {
  const hash = newHash();
  await claim(app, hash, client());
  for (let time = 0; time < 2; time++)
    expect(() => claim(app, hash, client())).toThrow(/in use by another client in this process/);
});

test("a client that closed frees its session", async () => {
  const hash = newHash();
  const first = client();
  await claim(app, hash, first);
  first.abort();
  await expect.poll(() => claim(app, hash, client()).then(() => "claimed")).toBe("claimed");
});

test("the same hash at another app is another session", async () => {
  const hash = newHash();
  await claim(app, hash, client());
  await expect(claim(new URL("http://other.test/"), hash, client())).resolves.toBeUndefined();
});

test("a session that another page or worker reads is refused, and free again when that one ends", async () => {
  const hash = newHash();
  const refused = claim(app, hash, client(), () => Promise.resolve(false));
  await expect(refused).rejects.toMatchObject({
    name: "InputError",
    parameter: "sessionHash",
    message: expect.stringContaining("another page or worker"),
  });
  await expect(claim(app, hash, client(), () => Promise.resolve(true))).resolves.toBeUndefined();
});
