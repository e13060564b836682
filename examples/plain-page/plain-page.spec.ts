import { expect, test, vi } from "vitest";
import { manyWords, patience, useExample } from "../browse.ts";
import { serve } from "./serve.ts";

const { open, record } = useExample(serve);

test("a message sent with Enter gets an answer that grows to its end", async () => {
  const page = await open();
  await page.getByLabel("Message").fill("Hello");
  await page.getByLabel("Message").press("Enter");
  await page.getByText("Writing …").waitFor();
  await page.getByText("Done.").waitFor();
  expect(await page.locator("#answer").textContent()).toMatch(/^This is answer 1 .*“Hello”[^]*error\.$/);
  expect(await page.getByRole("button", { name: "Stop" }).isDisabled()).toBe(true);
});

test("the button Stop keeps the text so far, and ends the call at the app", async () => {
  const before = await record();
  const page = await open();
  await page.getByLabel("Message").fill(manyWords);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Writing …").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Stopped.").waitFor();
  expect(await page.locator("#answer").textContent()).toMatch(/^This/);
  await vi.waitFor(async () => {
    const { chats } = await record();
    expect(chats.cancelled - before.chats.cancelled).toBe(1);
  }, patience);
  expect(await page.getByRole("button", { name: "Send" }).isEnabled()).toBe(true);
});

test("an error of the app is shown, and the next message is answered", async () => {
  const page = await open();
  await page.getByLabel("Message").fill("Please fail");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("The model ran out of memory.").waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Done.").waitFor();
  expect(await page.locator("#answer").textContent()).toContain("“Please fail”");
});

test("the page fits the width of a phone", async () => {
  const page = await open({ width: 390, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
