import { expect, test } from "vitest";
import { typed } from "./failures.ts";

const url = new URL("http://localhost:7860/config?secret=1");
const refused = (address: string): Error =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: "ECONNREFUSED", syscall: "connect" });

test("a name with several addresses, none of which answers: the sentence names one, and nothing was sent", () => {
  const several = new AggregateError([refused("::1:7860"), refused("127.0.0.1:7860")], "");
  for (const error of [several, new TypeError("fetch failed", { cause: several })])
    expect(typed(error, url)).toMatchObject({
      accepted: false,
      message: "The connection to http://localhost:7860/config failed: connect ECONNREFUSED ::1:7860",
    });
});

test("whatever fails while connecting was not sent; what fails later may have been", () => {
  const failed = (code: string, syscall?: string): Error => Object.assign(new Error("failed"), { code, syscall });
  for (const early of [
    failed("ETIMEDOUT", "connect"),
    failed("EHOSTUNREACH", "connect"),
    failed("ENOTFOUND", "getaddrinfo"),
    failed("CERT_HAS_EXPIRED"),
  ])
    expect(typed(early, url)).toMatchObject({ accepted: false });
  for (const code of ["ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]) {
    for (const syscall of ["read", "write", "writev"])
      expect(typed(failed(code, syscall), url)).toMatchObject({ accepted: null });
  }
  expect(typed(failed("ERR_SSL_BAD_RECORD_TYPE"), url)).toMatchObject({ accepted: null });
});
