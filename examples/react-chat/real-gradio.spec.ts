import { expect, test, vi } from "vitest";
import { startGradio } from "../../demo/app.ts";
import { servePage } from "../../demo/page.ts";
import { manyWords, patience, useExample } from "../browse.ts";

const { open, record } = useExample((app) => servePage(new URL(".", import.meta.url), app), {
  startApp: () => startGradio(new AbortController().signal),
  startTimeout: 180_000,
});

test("over real Gradio an answer grows to its end, a stopped one ends at the app, and Retry repeats one that failed", async () => {
  const page = await open();
  const message = page.getByLabel("Message");
  await message.fill("Hello");
  await message.press("Enter");
  await page.getByText("to see an error.").waitFor();

  const before = await record();
  await message.fill(manyWords);
  await message.press("Enter");
  await page.getByText("This is answer 2").waitFor();
  await message.press("Escape");
  await page.getByText("Stopped.").waitFor();
  await vi.waitFor(async () => {
    const { chats } = await record();
    expect(chats.cancelled - before.chats.cancelled).toBe(1);
  }, patience);

  await message.fill("Please fail");
  await message.press("Enter");
  const alert = page.getByRole("alert");
  await alert.getByText("The model ran out of memory.").waitFor();
  await alert.getByRole("button", { name: "Retry" }).click();
  await page.locator(".answer").nth(2).getByText("to see an error.").waitFor();
});
