import { expect, test, vi } from "vitest";
import { manyWords, patience, useExample } from "../browse.ts";
import { servePage } from "../../demo/page.ts";

const { open, record } = useExample((app) => servePage(new URL(".", import.meta.url), app));

test("Enter sends a message, its answer grows to the end, and the next message is sent with the conversation", async () => {
  const page = await open();
  const message = page.getByLabel("Message");
  await message.pressSequentially("Hello");
  await message.press("Shift+Enter");
  await message.pressSequentially("Ada");
  await message.press("Enter");
  expect(await message.inputValue()).toBe("");
  await page.getByText("Writing …").waitFor();
  const answers = page.locator(".answer p");
  await page.getByText("to see an error.").waitFor();
  expect(await answers.first().textContent()).toContain("answer 1 of our conversation. You wrote “Hello\nAda”");

  await message.fill("And now?");
  await message.press("Enter");
  await page.getByText("answer 2 of our conversation. You wrote “And now?”").waitFor();
  await answers.nth(1).getByText("to see an error.").waitFor();
  expect(await answers.first().textContent()).toContain("to see an error.");
});

test("Escape stops the answer: its text so far stays, and the app ends the call", async () => {
  const before = await record();
  const page = await open();
  await page.getByLabel("Message").fill(manyWords);
  await page.getByLabel("Message").press("Enter");
  await page.getByText("This is answer").waitFor();
  await page.getByLabel("Message").press("Escape");
  await page.getByText("Stopped.").waitFor();
  expect(await page.locator(".answer p").textContent()).toMatch(/^This is answer/);
  await vi.waitFor(async () => {
    const { chats } = await record();
    expect(chats.started - before.chats.started).toBe(1);
    expect(chats.cancelled - before.chats.cancelled).toBe(1);
  }, patience);
});

test("an error is announced, and Retry asks the same question again", async () => {
  const page = await open();
  await page.getByLabel("Message").fill("Please fail");
  await page.getByRole("button", { name: "Send" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("The model ran out of memory.").waitFor();
  expect(await page.locator(".answer p").textContent()).toMatch(/^This is answer/);
  await alert.getByRole("button", { name: "Retry" }).click();
  await page.getByText("to see an error.").waitFor();
  expect(await alert.count()).toBe(0);
  expect(await page.locator(".question").count()).toBe(1);
});

test("a closed tab ends the call at the app", async () => {
  const before = await record();
  const page = await open();
  await page.getByLabel("Message").fill(manyWords);
  await page.getByLabel("Message").press("Enter");
  await page.getByText("This is answer").waitFor();
  await page.close({ runBeforeUnload: false });
  await vi.waitFor(async () => {
    const { chats } = await record();
    expect(chats.cancelled - before.chats.cancelled).toBe(1);
  }, patience);
});

test("the page fits a phone, and nothing around the conversation moves while an answer is written", async () => {
  const page = await open({ width: 390, height: 700 });
  const boxes = () =>
    Promise.all([page.getByLabel("Message"), page.locator(".composer button")].map((element) => element.boundingBox()));
  await page.getByText("Connecting …").waitFor({ state: "hidden" });
  const before = await boxes();
  await page.getByLabel("Message").fill("Hello");
  await page.getByLabel("Message").press("Enter");
  await page.getByText("Writing …").waitFor();
  expect(await boxes()).toEqual(before);
  await page.getByText("to see an error.").waitFor();
  expect(await boxes()).toEqual(before);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
