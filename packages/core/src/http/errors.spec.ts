import { expect, test } from "vitest";
import { AuthenticationError, ConnectionError, ProtocolError, RateLimitError, TimeoutError } from "../errors.ts";
import { isTransient, quote, retryAfterOf, statusError, toGradioError, wasNotSent } from "./errors.ts";

const url = new URL("http://localhost:7860/config?secret=1");
const refused = (address: string): Error =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED", syscall: "connect" });
const answer = (status: number, headers: Record<string, string> = {}) =>
  statusError({ status, headers: new Headers(headers) }, { detail: "words of the server" }, url);

test("the error of a host whose addresses all refuse names one of them, and says that nothing was sent", () => {
  const several = new AggregateError([refused("::1:7860"), refused("127.0.0.1:7860")], "");
  for (const error of [several, new TypeError("fetch failed", { cause: several })])
    expect(toGradioError(error, url)).toMatchObject({
      accepted: false,
      message:
        "The connection to http://localhost:7860/config failed: connect ECONNREFUSED ::1:7860. " +
        "Check the address, and that the app runs.",
    });
});

test("an https address of an http server is told by a sentence, with OpenSSL's line behind it", () => {
  const line =
    "write EPROTO 404D:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:tlsany_meth.c:77:\n";
  for (const cause of [
    Object.assign(new Error(line), { code: "EPROTO" }),
    Object.assign(new Error("wrong"), { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
  ])
    expect(toGradioError(new TypeError("fetch failed", { cause }), url).message).toMatch(
      /failed: the server does not answer in TLS\. If the app is served over http, its address begins with http:\/\/\. \(.*\)$/,
    );
});

test("a failure while connecting was not sent; a later one may have been", () => {
  const failed = (code: string, syscall?: string): Error => Object.assign(new Error("failed"), { code, syscall });
  for (const early of [
    failed("ETIMEDOUT", "connect"),
    failed("EHOSTUNREACH", "connect"),
    failed("ENOTFOUND", "getaddrinfo"),
    failed("CERT_HAS_EXPIRED"),
  ])
    expect(toGradioError(early, url)).toMatchObject({ accepted: false });
  for (const code of ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]) {
    for (const syscall of ["read", "write", "writev"])
      expect(toGradioError(failed(code, syscall), url)).toMatchObject({ accepted: null });
  }
  expect(toGradioError(failed("ERR_SSL_BAD_RECORD_TYPE"), url)).toMatchObject({ accepted: null });
});

test("each status has its class, and says the server's words without the query of the URL", () => {
  const classes = [
    [401, AuthenticationError],
    [403, AuthenticationError],
    [404, ProtocolError],
    [429, RateLimitError],
    [500, ConnectionError],
    [501, ProtocolError],
    [503, ConnectionError],
  ] as const;
  for (const [status, Class] of classes) {
    const error = answer(status);
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({
      status,
      message: expect.stringContaining(`${status}: words of the server`) as string,
    });
    expect(error.message).not.toContain("secret");
  }
});

test("transient are lost connections, timeouts of a request, and the statuses that say so", () => {
  const transient = [408, 425, 429, 500, 502, 503, 504];
  for (const status of [400, 401, 403, 404, 408, 413, 422, 425, 429, 500, 501, 502, 503, 504, 507])
    expect(isTransient(answer(status)), String(status)).toBe(transient.includes(status));
  expect(isTransient(new ConnectionError("reset"))).toBe(true);
  expect(isTransient(new TimeoutError("late", { kind: "request" }))).toBe(true);
  expect(isTransient(new TimeoutError("late", { kind: "call" }))).toBe(false);
  expect(isTransient(new ProtocolError("odd"))).toBe(false);
  expect(isTransient(new TypeError("bug"))).toBe(false);
});

test("certainly without effect are a refused connection and a request that is one of too many", () => {
  expect(wasNotSent(answer(429))).toBe(true);
  expect(wasNotSent(new ConnectionError("refused", { accepted: false }))).toBe(true);
  expect(wasNotSent(new ConnectionError("reset"))).toBe(false);
  expect(wasNotSent(answer(503))).toBe(false);
});

test("the delay that a server asks for is read in seconds and as a date, of any error, and shows in no log", () => {
  for (const status of [429, 503]) expect(retryAfterOf(answer(status, { "retry-after": "2" }))).toBe(2_000);
  const soon = new Date(Date.now() + 60_000).toUTCString();
  expect(retryAfterOf(answer(503, { "retry-after": soon }))).toBeGreaterThan(50_000);
  for (const odd of ["", "-5", "soon", "NaN", "Mon, 01 Jan 1990 00:00:00 GMT"])
    expect(retryAfterOf(answer(503, { "retry-after": odd })), odd).toBe(0);
  expect(Object.keys(answer(503, { "retry-after": "2" }).toJSON())).not.toContain("retryAfter");
});

test("a server's words are quoted in 200 characters, without secrets", () => {
  expect(quote("x".repeat(500))).toHaveLength(201);
  for (const secret of ["hf_abcdefghij", "Bearer abcdefghijkl", "x-api-key: abc", "http://user:pass@host/?__sign=abc"])
    expect(quote(`no ${secret}.`)).not.toMatch(/abc|pass/);
});
