import { setTimeout as sleep } from "node:timers/promises";
import { type CallContext, endpoint, number, serveApp, textbox } from "@gradio-rx/testing";
import type { Recording } from "./recording.ts";

const story = "Ada wrote the first program,\nfor a machine that was never built.\nIt counted, all the same.";

/** A call of an app that takes a while, reports its progress, and writes a text. */
export async function call(): Promise<Recording> {
  const app = await serveApp(
    {
      write: endpoint({
        inputs: [textbox("about"), number("words", { value: 20 })],
        outputs: [textbox("text")],
        parameters: ["about", "words"],
        fn: async function* (_: string, __: number, { progress, info }: CallContext) {
          for (let step = 0; step <= 10; step++) {
            progress([step, 10], { desc: "Loading the model", unit: "files" });
            await sleep(150);
          }
          info("The model is loaded.");
          for (let end = 4; end < story.length + 4; end += 4) {
            yield story.slice(0, end);
            await sleep(90);
          }
        },
      }),
    },
    { port: 7860 },
  );
  const args = ["call", app.url, "/write", "about=Ada"];
  const commands = [{ shown: `gradio-rx ${args.join(" ")}`, args }];
  return { commands, cwd: process.cwd(), height: 180, close: () => app.close() };
}
