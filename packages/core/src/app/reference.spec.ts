import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { parseAppReference } from "./reference.ts";

const hub = new URL("https://huggingface.co/");
const urlOf = (app: unknown): string => {
  const reference = parseAppReference(app, hub);
  return "url" in reference ? reference.url.href : reference.space;
};

test("an address ends in exactly one slash, however many it was given with", () => {
  for (const slashes of ["", "/", "//", "////"]) {
    expect(urlOf(`http://127.0.0.1:7860${slashes}`)).toBe("http://127.0.0.1:7860/");
    expect(urlOf(new URL(`http://127.0.0.1:7860/sub/path${slashes}?x=1#top`))).toBe("http://127.0.0.1:7860/sub/path/");
  }
});

test("a user and a password become basic authorization in UTF-8, and leave the address", () => {
  const { authorization, ...rest } = parseAppReference("http://user:password@host/app", hub);
  expect(authorization).toBe("Basic dXNlcjpwYXNzd29yZA==");
  expect(rest).toMatchObject({ url: new URL("http://host/app/") });
  const odd = parseAppReference("http://j%C3%BCrgen:a%3Ab%40c@host/", hub).authorization!;
  expect(new TextDecoder().decode(Uint8Array.from(atob(odd.slice(6)), (one) => one.charCodeAt(0)))).toBe(
    "jürgen:a:b@c",
  );
  expect(parseAppReference("http://host/", hub).authorization).toBeNull();
});

test("the query of an address is kept for the app, without a signature", () => {
  const { query } = parseAppReference("https://owner-name.hf.space/?lang=de&lang=fr&__sign=secret", hub);
  expect([...query]).toEqual([
    ["lang", "de"],
    ["lang", "fr"],
  ]);
  expect([...parseAppReference("owner/name", hub).query]).toEqual([]);
});

test.each([
  ["owner/name", "owner/name"],
  ["https://huggingface.co/spaces/owner/name", "owner/name"],
  ["https://hf.co/spaces/owner/na.me/tree/main?x=1", "owner/na.me"],
  ["huggingface.co/spaces/owner/name", "owner/name"],
  ["owner-name.hf.space", "https://owner-name.hf.space/"],
  ["localhost:7860/app", "http://localhost:7860/app/"],
  ["[::1]:7860", "http://[::1]:7860/"],
])("%s names %s", (app, named) => {
  expect(urlOf(app)).toBe(named);
});

test.each([
  ["/gradio", "relative"],
  ["../gradio", "relative"],
  ["https://user:s3cret@huggingface.co/spaces/owner/name", "token"],
  ["user:s3cret@host", "http://"],
  ["ftp://user:s3cret@host", "ftp"],
  ["http://user:s3cret@host:999999/", "not a URL"],
])("%s is refused with a sentence that says what to pass, and shows no password", (app, part) => {
  let error: unknown;
  try {
    parseAppReference(app, hub);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain(part);
  expect(String(error)).not.toContain("s3cret");
});

test("any text is an app or an InputError, and nothing else", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from("ab/:@.?#[]0 -_%é")) }), (text) => {
      let error: unknown = new InputError("none");
      try {
        parseAppReference(text, hub);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(InputError);
    }),
  );
});
