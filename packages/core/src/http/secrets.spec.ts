import { expect, test } from "vitest";
import { ConnectionError, ProtocolError, ValidationError } from "../errors.ts";
import { headerSecrets, Secrets } from "./secrets.ts";

const password = 'correct horse/"ß€"+&';

test.each([
  ["as it is", password],
  ["in a URL", encodeURIComponent(password)],
  ["in a URL, in lower case", encodeURIComponent(password).toLowerCase()],
  ["in a path", encodeURI(password)],
  ["in a form", new URLSearchParams({ a: password }).toString().slice(2)],
  ["in JSON", JSON.stringify(password)],
  ["in JSON of Python", 'correct horse/\\"\\u00df\\u20ac\\"+&'],
  ["in HTML", "correct horse/&quot;ß&#8364;&quot;+&amp;"],
])("a secret %s is replaced", (_, text) => {
  expect(new Secrets([password]).remove(`refused: <${text}>.`)).toMatch(/^refused: <"?…"?>\.$/);
});

test("a short secret is replaced as a word, and not inside of one", () => {
  const secrets = new Secrets(["abc", "x", ""]);
  expect(secrets.remove("abc; key=abc&x, abcd, xabc")).toBe("…; key=…&x, abcd, xabc");
});

test("the password, the token and the values of cookies in headers are secrets; a media type is not", () => {
  const headers = { authorization: `Basic ${btoa("me:open sesame")}`, cookie: "a=12345; b=67890", accept: "text/html" };
  const secrets = new Secrets(headerSecrets(Object.entries(headers)));
  expect(secrets.remove("open sesame, 12345, 67890, text/html")).toBe("…, …, …, text/html");
  expect(new Secrets(headerSecrets([["Authorization", "Bearer abcdefgh"]])).remove("abcdefgh")).toBe("…");
});

test("the oldest secret is forgotten beyond a thousand, but never one of the options", () => {
  const secrets = new Secrets(["of-the-options"]);
  for (let index = 0; index <= 1_000; index++) secrets.add(`session-${index}-`);
  expect(secrets.remove("of-the-options session-0- session-1000-")).toBe("… session-0- …");
});

test("an error has no secret in its message, stack, fields and causes, and stays the same object", () => {
  const secrets = new Secrets(["hidden-value"]);
  const platform = Object.assign(new TypeError("no host hidden-value.example"), { code: "ENOTFOUND" });
  const cause = new ProtocolError("about hidden-value", { cause: platform });
  const error = new ValidationError("hidden-value is wrong", { fieldErrors: { name: "hidden-value" }, cause });
  expect(secrets.hide(error)).toBe(error);
  expect(error).toMatchObject({ message: "… is wrong", fieldErrors: { name: "…" }, cause: { message: "about …" } });
  expect(error.stack).not.toContain("hidden-value");
  expect(cause.cause).toMatchObject({ name: "TypeError", message: "no host ….example", code: "ENOTFOUND" });
  expect(platform.message).toContain("hidden-value");
});

test("an error of the caller, and a cause without secrets, are passed on as they are", () => {
  const secrets = new Secrets(["hidden-value"]);
  const own = new Error("hidden-value");
  expect(secrets.hide(own).message).toBe("hidden-value");
  const cause = new TypeError("fetch failed");
  expect(secrets.hide(new ConnectionError("lost", { cause })).cause).toBe(cause);
  const circular = new ConnectionError("hidden-value");
  circular.cause = circular;
  expect(secrets.hide(circular).message).toBe("…");
});
