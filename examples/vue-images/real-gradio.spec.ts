import { expect, test, vi } from "vitest";
import { startGradio } from "../../demo/app.ts";
import { servePage } from "../../demo/page.ts";
import { patience, useExample } from "../browse.ts";
import { landscape, tower } from "../pictures.ts";

const { open, record } = useExample((app) => servePage(new URL(".", import.meta.url), app), {
  startApp: () => startGradio(new AbortController().signal),
  startTimeout: 180_000,
});

test("over real Gradio a picture comes back, the next one waits in the queue, and a removed one ends at the app", async () => {
  const before = await record();
  const page = await open();
  const add = page.getByLabel("Add pictures");
  await add.setInputFiles([await tower("one.png")]);
  await page.getByText("Converting").waitFor();
  await add.setInputFiles([await landscape("two.png", 200)]);
  await page.getByText(/^Number 1 in the queue$/).waitFor();
  await page.getByRole("button", { name: "Remove one.png" }).click();
  await vi.waitFor(async () => {
    const { pictures } = await record();
    expect(pictures.cancelled - before.pictures.cancelled).toBe(1);
  }, patience);
  await page.getByText("Done").waitFor();
  const grey = page.getByAltText("two.png without colours");
  await vi.waitFor(async () => {
    expect(await grey.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(320);
  }, patience);
});
