import { expect, test } from "vitest";
import { pageAddress } from "./page-address.ts";

const { origin } = location;

test.each([
  ["/gradio", `${origin}/gradio`],
  [" /gradio/?x=1 ", `${origin}/gradio/?x=1`],
  ["//other.test/app", `${location.protocol}//other.test/app`],
])("%j is resolved against the page", (address, whole) => {
  expect(pageAddress(address)).toBe(whole);
});

test("an address relative to the page's folder is resolved against the base of the document", () => {
  expect(pageAddress("./app")).toBe(new URL("./app", document.baseURI).href);
  expect(pageAddress("../app")).toBe(new URL("../app", document.baseURI).href);
});

test.each(["owner/name", "http://host/app", "localhost:7860", "", 5, null])("%j is not relative", (app) => {
  expect(pageAddress(app)).toBe(app);
});
