import type { Page } from "playwright";
import { expect, test, vi } from "vitest";
import { patience, useExample } from "../../examples/browse.ts";
import { scenes } from "../scenes/index.ts";
import { serveDemo } from "./serve.ts";

const { open, record } = useExample((url) => serveDemo({ url, name: "the app of a test" }));

/** Returns the scene with a title. */
const scene = (page: Page, title: string) => page.locator(".scene").filter({ hasText: title });

/** Stops the scenes that run when the page is opened. */
async function stopAll(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped.").waitFor();
}

/** Runs one scene with the keyboard. */
async function run(page: Page, title: string): Promise<void> {
  await scene(page, title).getByRole("button", { name: "Run" }).press("Enter");
}

/** Returns the distances of the scenes from the beginning of the page. */
const places = (page: Page) =>
  page
    .locator(".scene")
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top + window.scrollY)));

test("the page plays all scenes with real calls, and no scene moves another one", async () => {
  const page = await open();
  await page.getByText("the app of a test").waitFor();
  const before = await places(page);
  expect(before).toHaveLength(scenes.length);

  const training = scene(page, "Nested progress bars");
  await training.getByRole("progressbar").nth(1).waitFor();
  expect(await training.getByRole("progressbar", { name: "training" }).count()).toBe(1);
  expect(await training.getByText("of 25 steps").count()).toBe(1);
  const picture = scene(page, "a picture is sent").getByAltText("Returned");
  await picture.waitFor({ timeout: 40_000 });
  expect(await picture.evaluate(async (image: HTMLImageElement) => (await image.decode(), image.naturalWidth))).toBe(
    480,
  );
  await scene(page, "The queue").getByText("being made").waitFor();

  await page.getByText("Done.").waitFor({ timeout: 50_000 });
  expect(await page.locator('.scene[data-state="done"]').count()).toBe(scenes.length);
  expect(await scene(page, "A call and its result").getByRole("log").textContent()).toContain("Hello, Ada!");
  expect(await scene(page, "Streaming outputs").getByRole("log").textContent()).toMatch(/apps like to do\.$/);
  await scene(page, "Errors with a reason").getByText("Did you mean").waitFor();
  expect(await page.locator(".check.bad").count()).toBe(0);
  expect(await places(page)).toEqual(before);
}, 120_000);

test("Stop ends the scene that runs, and its call at the app", async () => {
  const page = await open();
  await stopAll(page);
  const counting = scene(page, "Cancelling on the server");
  await run(page, "Cancelling on the server");
  await counting.getByText("The app counts: 1").waitFor();
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await counting.getByText("stopped", { exact: true }).waitFor();
  await vi.waitFor(async () => {
    const { reached, stopped } = (await record()).counting;
    expect([stopped, reached < 10]).toEqual([true, true]);
  }, patience);
  expect(await page.getByRole("button", { name: "Run all" }).isEnabled()).toBe(true);
});

test("on a phone the longest outputs fit the room that is reserved for them", async () => {
  const page = await open({ width: 390, height: 700 });
  await stopAll(page);
  const before = await places(page);
  for (const title of ["A call and its result", "Errors with a reason", "RxJS"]) {
    await run(page, title);
    await scene(page, title).getByText("done", { exact: true }).waitFor();
  }
  expect(await places(page)).toEqual(before);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
