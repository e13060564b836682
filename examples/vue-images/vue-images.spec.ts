import { Jimp } from "jimp";
import { expect, test, vi } from "vitest";
import { patience, useExample } from "../browse.ts";
import { servePage } from "../../demo/page.ts";
import { landscape, tower } from "../pictures.ts";

const { open, record } = useExample((app) => servePage(new URL(".", import.meta.url), app));

test("pictures come back without colours, one after the other, and show their places in the queue", async () => {
  const page = await open();
  const add = page.getByLabel("Add pictures");
  await add.setInputFiles([await tower("tower.png")]);
  await page.getByText("Converting").waitFor();
  await add.setInputFiles([await landscape("one.png", 30), await landscape("two.png", 200)]);
  await page.getByText(/^Number 1 in the queue$/).waitFor();
  await page.getByText(/^Number 2 in the queue$/).waitFor();
  await page.getByRole("button", { name: "Remove tower.png" }).click();
  const [first, second] = [page.locator(".card").nth(0), page.locator(".card").nth(1)];
  await first.getByText("Done").waitFor();
  await second.getByText("Done").waitFor();
  const grey = second.getByAltText("two.png without colours");
  await vi.waitFor(async () => {
    expect(await grey.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(320);
  }, patience);
  const response = await page.request.get((await grey.getAttribute("src"))!);
  const picture = await Jimp.fromBuffer(await response.body());
  const { data } = picture.bitmap;
  expect([data[0], data[1]]).toEqual([data[1], data[2]]);
});

test("a slow upload shows its progress", async () => {
  const page = await open();
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 50_000 };
  await network.send("Network.emulateNetworkConditions", slow);
  const picture = await landscape("large.png", 120);
  // More bytes than the network sends at once. The test ends before the app reads the picture.
  const buffer = Buffer.concat([picture.buffer, Buffer.alloc(500_000, 1)]);
  await page.getByLabel("Add pictures").setInputFiles([{ ...picture, buffer }]);
  await page.getByText(/^Uploading, [1-9]\d? %$/).waitFor();
  const bar = page.getByRole("progressbar", { name: "Progress of large.png" });
  expect(Number(await bar.getAttribute("value"))).toBeGreaterThan(0);
});

test("a removed picture is cancelled at the app, and the next one is converted", async () => {
  const before = await record();
  const page = await open();
  await page.getByLabel("Add pictures").setInputFiles([await tower("one.png")]);
  await page.getByText("Converting").waitFor();
  await page.getByRole("button", { name: "Remove one.png" }).click();
  expect(await page.locator(".card").count()).toBe(0);
  await vi.waitFor(async () => {
    const { pictures } = await record();
    expect(pictures.cancelled - before.pictures.cancelled).toBe(1);
  }, patience);
  await page.getByLabel("Add pictures").setInputFiles([await landscape("two.png", 200)]);
  await page.getByText("Done").waitFor();
});

test("the page fits a phone, and a card has the same size before and after", async () => {
  const page = await open({ width: 390, height: 700 });
  await page.getByLabel("Add pictures").setInputFiles([await landscape("one.png", 30)]);
  const card = page.locator(".card");
  const before = await card.boundingBox();
  await page.getByText("Done").waitFor();
  expect(await card.boundingBox()).toEqual(before);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
