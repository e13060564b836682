import { expect, test } from "vitest";
import { AuthenticationError, InputError } from "../errors.ts";
import { requestHeaders } from "./credentials.ts";

const options = () => ({ signal: new AbortController().signal, timeout: 1_000 });

test("headers of a client replace the SDK's own, and headers of a call replace both, in any case", async () => {
  const credentials = { token: "t", headers: { "X-One": "client", AUTHORIZATION: "mine" } };
  const headers = await requestHeaders(
    credentials,
    { "x-one": "own", "x-two": "own" },
    { ...options(), call: { "x-ONE": "call" } },
  );
  expect(headers).toEqual({ authorization: "mine", "x-one": "call", "x-two": "own" });
});

test("an abort and the time limit end a token function that does not return", async () => {
  const token = () => new Promise<string>(() => undefined);
  const abort = new AbortController();
  const waiting = requestHeaders({ token }, {}, { signal: abort.signal, timeout: 10_000 });
  abort.abort("enough");
  await expect(waiting).rejects.toBe("enough");
  const late = requestHeaders({ token }, {}, { ...options(), timeout: 20 });
  await expect(late).rejects.toMatchObject({ code: "timeout", kind: "request" });
});

test("a token function that fails, and an invalid token, are typed errors that do not repeat the token", async () => {
  const failing = requestHeaders({ token: () => Promise.reject(new Error("vault")) }, {}, options());
  await expect(failing).rejects.toBeInstanceOf(AuthenticationError);
  for (const token of ["", undefined as unknown as string, "hf_secret\nx-evil: 1"]) {
    const error: unknown = await requestHeaders({ token: () => token }, {}, options()).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).not.toContain("hf_secret");
  }
});
