import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { endpoint, faultProxy, serveApp, textbox } from "@gradio-rx/testing";
import type { Recording } from "./recording.ts";

const LINES = 120;

/** A batch with two copies of an app, of which one is busy for a while. Ctrl-C stops it, and the same command goes on. */
export async function batch(): Promise<Recording> {
  let runs = 0;
  let becomeBusy: () => void = () => undefined;
  const translate = endpoint({
    inputs: [textbox("text")],
    outputs: [textbox("translation")],
    parameters: ["text"],
    concurrencyLimit: 4,
    fn: async (text: string) => {
      if (++runs === 24) becomeBusy();
      await sleep(350);
      return text.toUpperCase();
    },
  });
  const [first, second] = [await serveApp({ translate }, { port: 7860 }), await serveApp({ translate })];
  const proxy = await faultProxy(second.url);
  becomeBusy = () => {
    const fault = { answer: { status: 429, headers: { "retry-after": "45" } } };
    proxy.add({ method: "POST", path: "/queue/join", times: 1, fault });
  };
  const cwd = await mkdtemp(join(tmpdir(), "recording-"));
  const lines = Array.from({ length: LINES }, (_, index) => JSON.stringify({ id: `t${index}`, text: `text ${index}` }));
  await writeFile(join(cwd, "texts.jsonl"), `${lines.join("\n")}\n`);
  const where = ["batch", first.url, "/translate", "texts.jsonl", "-o", "out.jsonl"];
  const store = ["--app", proxy.url, "--store", "texts.sqlite", "--key", "id"];
  const run = { shown: `gradio-rx ${where.join(" ")} \\\n    ${store.join(" ")}`, args: [...where, ...store] };
  const status = ["batch", "--store", "texts.sqlite", "--status"];
  return {
    commands: [{ ...run, interruptAt: /\b6\d of / }, run, { shown: `gradio-rx ${status.join(" ")}`, args: status }],
    cwd,
    async close() {
      await proxy.close();
      await Promise.all([first.close(), second.close(), rm(cwd, { recursive: true })]);
    },
  };
}
