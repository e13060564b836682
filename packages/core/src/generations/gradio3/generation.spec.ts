import { expect, test } from "vitest";
import { configInPage } from "./generation.ts";

test("the configuration is found in an app's page, whatever its texts hold", () => {
  const config = { title: '};</script> "{ \\', nested: { deep: [{}] }, dependencies: [] };
  const page = `<html><script>window.gradio_config = ${JSON.stringify(config)};window.other = {};</script></html>`;
  expect(configInPage(page)).toEqual(config);
  expect(configInPage(`<script>window.gradio_config=${JSON.stringify(config)}</script>`)).toEqual(config);
});

test.each([
  "",
  "<html>{}</html>",
  "window.gradio_config",
  "window.gradio_config = load({})",
  'window.gradio_config = {"a": ',
  "window.gradio_config = {a: 1};",
  '{"a": 1} window.gradio_config = ',
])("a page without one: %j", (html) => {
  expect(configInPage(html)).toBeUndefined();
});

test("a page without an end is read once, not again and again", () => {
  expect(configInPage(`window.gradio_config = ${"{".repeat(500_000)}`)).toBeUndefined();
});
