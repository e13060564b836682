import { expect, test } from "vitest";
import { useExample } from "../browse.ts";
import { build, serveBuild } from "./serve.ts";

const { open, record } = useExample(
  async (app) => {
    await build();
    return await serveBuild(app);
  },
  { startTimeout: 300_000 },
);

test("a search shows its results, and a new text cancels the search before it at the app", async () => {
  const before = await record();
  const page = await open();
  const box = page.getByLabel("Fruit");
  await box.fill("b");
  await page.getByText("Searching …").waitFor();
  await page.getByText("bilberry").waitFor();
  await box.fill("blue");
  await page.getByText("Found: 1", { exact: true }).waitFor();
  expect(await page.getByLabel("Found").getByRole("listitem").allTextContents()).toEqual(["blueberry"]);
  await box.fill("");
  await page.getByText("blueberry").waitFor({ state: "hidden" });
  const { searches } = await record();
  expect(searches.started - before.searches.started).toBe(2);
  expect(searches.cancelled - before.searches.cancelled).toBe(1);
  expect(searches.finished - before.searches.finished).toBe(1);
});

test("a call shows its progress, its messages and its result", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Train" }).press("Enter");
  const bar = page.getByRole("progressbar", { name: "Progress" });
  await page.getByText("After epoch 1").waitFor();
  expect(Number(await bar.getAttribute("value"))).toBeGreaterThan(0);
  await page.getByText("The model is trained.").waitFor();
  expect(await page.getByLabel("Messages").getByRole("listitem").count()).toBe(3);
  await page.getByText("Connection:").waitFor();
});

test("Stop ends the call, and the next one starts anew", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Train" }).click();
  await page.getByText("After epoch 1").waitFor();
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await page.getByText("Stopped.").waitFor();
  await page.getByRole("button", { name: "Train" }).press("Enter");
  await page.getByText("After epoch 1").waitFor({ state: "hidden" });
  await page.getByText("The model is trained.").waitFor();
  expect(await page.getByLabel("Messages").getByRole("listitem").count()).toBe(3);
});

test("the page fits a phone, and nothing moves while results arrive", async () => {
  const page = await open({ width: 390, height: 700 });
  const place = () => page.getByRole("button", { name: "Train" }).boundingBox();
  const before = await place();
  await page.getByLabel("Fruit").fill("black");
  await page.getByText("Found: 2", { exact: true }).waitFor();
  expect(await place()).toEqual(before);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
