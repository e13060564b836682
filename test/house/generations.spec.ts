import { expect, test } from "vitest";
import { sources } from "./sources.ts";

const core = sources("core");

test("Gradio 3 is one folder: only the chooser imports it, so that dropping it is deleting it", () => {
  const importers = core.filter(
    ({ name, files }) =>
      !name.startsWith("generations/gradio3/") && files.some((file) => file.startsWith("generations/gradio3/")),
  );
  expect(importers.map(({ name }) => name)).toEqual(["generations/choose"]);
});

test("only the chooser compares protocol names and versions", () => {
  const comparing = core.filter(({ text }) =>
    /"(ws|sse|sse_v[\d.]+)"|\bisBefore\b/.test(text.replaceAll(/\/\*\*.*?\*\//gs, "")),
  );
  // Without a protocol in its configuration an app speaks `ws`.
  expect(comparing.map(({ name }) => name).toSorted()).toEqual(["app/config", "generations/choose"]);
});
