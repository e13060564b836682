import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ConnectionError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import { Secrets } from "../http/secrets.ts";
import { Signature } from "./signature.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SECOND = 1_000;

function tokenOf(claims: object | null): string {
  return claims === null ? "opaque" : `e30.${btoa(JSON.stringify(claims))}.proof`;
}

/** A private Space whose Hub gives tokens; `claims` makes what the next one says of itself. */
async function open(claims: () => object | null) {
  let count = 0;
  let up = true;
  const closed = new AbortController();
  const answer = (path: string): unknown => {
    if (!path.endsWith("/jwt")) return { id: "owner/name", private: true };
    count++;
    if (!up) throw new ConnectionError("The server failed.");
    return { token: `${tokenOf(claims())}${count}` };
  };
  const settings = { secrets: new Secrets() };
  const hub = { settings, send: async ({ path }: { path: string }) => ({ url: "", isJson: true, body: answer(path) }) };
  const warned: string[] = [];
  const signature = await Signature.open({
    hub: hub as unknown as Http,
    name: { space: "owner/name" },
    origin: "https://app.test",
    closed: closed.signal,
    warn: (line) => warned.push(line),
  });
  return {
    signature: signature!,
    closed,
    warned,
    count: () => count,
    fail: () => (up = false),
    sign: () => new URL(signature!.sign("https://app.test/file=x?a=1")).searchParams.get("__sign") ?? "-",
  };
}

const lasting = (seconds: number) => () => ({ exp: Date.now() / SECOND + seconds });

test("the app's own addresses are signed, and no others", async () => {
  const { signature } = await open(lasting(60));
  expect(signature.sign("https://app.test/file=x?a=1")).toMatch(/^https:\/\/app\.test\/file=x\?a=1&__sign=e30/);
  for (const other of ["https://app.test:1/x", "http://app.test/x", "https://example.com/", "data:,x", "no address"])
    expect(signature.sign(other)).toBe(other);
});

test.each<[string, () => object | null, number]>([
  ["says when it expires", lasting(60), 60],
  ["was made by a clock that is wrong", () => ({ iat: 1_000, exp: 1_060 }), 60],
  ["says nothing", () => null, 300],
  ["has expired when it comes", () => ({ exp: 1 }), 300],
])("a token that %s is renewed before it has lived its time", async (_, claims, life) => {
  const { count, sign } = await open(claims);
  const first = sign();
  await vi.advanceTimersByTimeAsync((life / 2) * SECOND);
  expect(count()).toBe(1);
  await vi.advanceTimersByTimeAsync((life / 2 - 1) * SECOND);
  expect(count()).toBe(2);
  expect(sign()).not.toBe(first);
});

test("after a sleep of the machine calls wait for a new token, all for the same one", async () => {
  const { signature, count, sign } = await open(lasting(60));
  const first = sign();
  vi.setSystemTime(Date.now() + 3_600 * SECOND);
  await Promise.all([signature.fresh(), signature.fresh(), signature.fresh()]);
  expect(count()).toBe(2);
  expect(sign()).not.toBe(first);
});

test("a Hub that gives no more tokens is asked again after a pause, and calls continue", async () => {
  const { signature, count, fail, warned } = await open(lasting(60));
  fail();
  await vi.advanceTimersByTimeAsync(41 * SECOND);
  expect([count(), warned.length]).toEqual([2, 1]);
  await signature.fresh();
  await vi.advanceTimersByTimeAsync(28 * SECOND);
  expect(count()).toBe(2);
  await vi.advanceTimersByTimeAsync(2 * SECOND);
  expect(count()).toBe(3);
});

test("nothing is left of it when the client has ended", async () => {
  const { closed, count } = await open(lasting(60));
  closed.abort();
  expect(vi.getTimerCount()).toBe(0);
  await vi.advanceTimersByTimeAsync(300 * SECOND);
  expect(count()).toBe(1);
});
