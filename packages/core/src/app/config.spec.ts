import { expect, test } from "vitest";
import { parseConfig } from "./config.ts";

const key = `__i18n__${JSON.stringify({ __type__: "translation_metadata", key: "name" })}`;
const parse = (label: unknown, translations: unknown) => {
  const body = { components: [{ id: 1, type: "textbox", props: { label } }], dependencies: [], title: label };
  const config = parseConfig({ url: "", isJson: true, body: { ...body, i18n_translations: translations } });
  return [config.components.get(1)!.label, config.title];
};

const translations = { fr: { name: "Votre nom" }, en: { name: "Your name" } };

test.each([
  ["a text", "Your name", translations, "Your name"],
  ["a text of gr.I18n", key, translations, "Your name"],
  ["such a text within another", `${key} (required)`, translations, "Your name (required)"],
  ["an object of gr.I18n", { __type__: "translation_metadata", key: "name" }, translations, "Your name"],
  ["without English", key, { fr: { name: "Votre nom" } }, "Votre nom"],
  ["without a translation", key, null, "name"],
  ["not a text", { label: 1 }, translations, null],
])("a label is a text in English: %s", (_, label, given, text) => {
  expect(parse(label, given)).toEqual([text, text]);
});

test("a label has no control characters", () => {
  expect(parse("x\u001b[2J\u001b]0;title\u0007\r\nFORGED \u202e", null)[0]).toBe("x [2J ]0;title FORGED  ");
});
