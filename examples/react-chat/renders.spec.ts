import { setTimeout as sleep } from "node:timers/promises";
import { endpoint, json, serveApp, textbox } from "@gradio-rx/testing";
import { expect, test } from "vitest";
import { servePage } from "../../demo/page.ts";
import { useExample } from "../browse.ts";

/** Number of outputs of one answer. About 300 are sent in a second. */
const OUTPUTS = 600;

const { open } = useExample(async () => {
  const app = await serveApp({
    chat: endpoint({
      inputs: [textbox("message"), json("history")],
      outputs: [textbox("answer")],
      parameters: ["message", "history"],
      fn: async function* () {
        for (let count = 1; count <= OUTPUTS; count += 1) {
          yield `Output ${count} of ${OUTPUTS}`;
          if (count % 10 === 0) await sleep(33);
        }
      },
    }),
  });
  const page = await servePage(new URL(".", import.meta.url), app.url);
  return { url: page.url, stop: async () => (await page.stop(), await app.close()) };
});

test("an answer of 300 outputs a second is rendered at most once a frame, and its last output is shown", async () => {
  const page = await open();
  await page.getByText("Connecting …").waitFor({ state: "hidden" });
  await page.evaluate(() => {
    const counts = { renders: 0, fullFrames: 0 };
    Object.assign(window, { counts });
    let inThisFrame = 0;
    // Each commit of React that changes the text of the answer is one list of mutations.
    new MutationObserver((changes) => {
      if (!changes.some(({ target }) => target.parentElement?.closest(".answer"))) return;
      counts.renders += 1;
      inThisFrame += 1;
    }).observe(document.body, { subtree: true, characterData: true, childList: true });
    const tick = (): void => {
      if (inThisFrame > 1) counts.fullFrames += 1;
      inThisFrame = 0;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  await page.getByLabel("Message").fill("Hello");
  await page.getByLabel("Message").press("Enter");
  await page.getByText(`Output ${OUTPUTS} of ${OUTPUTS}`).waitFor();
  const { renders, fullFrames } = await page.evaluate(
    () => (window as unknown as { counts: { renders: number; fullFrames: number } }).counts,
  );
  expect(renders).toBeGreaterThan(1);
  // The start and the end of a call are rendered at once, in a frame that may contain another render.
  expect(fullFrames).toBeLessThanOrEqual(2);
});
