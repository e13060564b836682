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
    const counts = { frames: 0, renders: 0 };
    Object.assign(window, { counts });
    // Each commit of React that changes the text of the answer is one list of mutations.
    const watch = (): void => {
      new MutationObserver((changes) => {
        if (changes.some(({ target }) => target.parentElement?.closest(".answer"))) counts.renders += 1;
      }).observe(document.body, { subtree: true, characterData: true, childList: true });
      const tick = (): void => {
        counts.frames += 1;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    };
    watch();
  });
  await page.getByLabel("Message").fill("Hello");
  await page.getByLabel("Message").press("Enter");
  await page.getByText(`Output ${OUTPUTS} of ${OUTPUTS}`).waitFor();
  const { frames, renders } = await page.evaluate(
    () => (window as unknown as { counts: { frames: number; renders: number } }).counts,
  );
  expect(renders).toBeGreaterThan(1);
  // The first and the last output are rendered at once, between two frames.
  expect(renders).toBeLessThanOrEqual(frames + 2);
  expect(renders).toBeLessThan(OUTPUTS / 2);
});
