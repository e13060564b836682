import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@gradio-rx/node";
import * as gr from "@gradio-rx/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { picture, sound } from "../contract/media.ts";
import { run as runProgram } from "../consumers/run.ts";
import { Hub } from "../servers/hub.ts";
import { serve } from "./app.ts";
import { environment, run } from "./run.ts";

vi.setConfig({ testTimeout: 120_000 });

const bin = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));

/** Endpoints that the examples name. */
const endpoints: Record<string, gr.Endpoint> = {
  translate: gr.endpoint({
    inputs: [gr.textbox("text"), gr.dropdown("target", ["German", "French"], { value: "German" })],
    outputs: [gr.textbox("translation")],
    parameters: ["text", "target"],
    fn: (text: string) => text,
  }),
  caption: gr.endpoint({
    inputs: [gr.image("image")],
    outputs: [gr.textbox("caption")],
    parameters: ["image"],
    fn: () => "a cat",
  }),
  chat: gr.endpoint({
    inputs: [gr.textbox("message")],
    outputs: [gr.textbox("answer")],
    parameters: ["message"],
    fn: (message: string) => message,
  }),
  transcribe: gr.endpoint({
    inputs: [gr.audio("audio")],
    outputs: [gr.textbox("text")],
    parameters: ["audio"],
    fn: () => "hello",
  }),
  generate: gr.endpoint({
    inputs: [gr.textbox("prompt")],
    outputs: [gr.textbox("text")],
    parameters: ["prompt"],
    fn: (prompt: string) => prompt,
  }),
};

/** Creates a folder with the files that the examples name, and the program. */
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const png = await picture().bytes();
  const files: Record<string, string | Uint8Array> = {
    "cat.png": png,
    "dog.png": png,
    "speech.wav": await sound("speech.wav", 1_000).bytes(),
    "texts.jsonl": '{"text": "Good morning"}\n',
    "src/app.mjs": 'import { Client } from "@gradio/client";\nawait Client.connect("owner/name");\n',
    "images.csv": "image\n@cat.png\n@dog.png\n",
  };
  for (const name of ["pictures", "src"]) await mkdir(join(dir, name));
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  const script = `#!/bin/sh\nexec ${process.execPath} --conditions=@gradio-rx/source ${bin} "$@"\n`;
  await writeFile(join(dir, "gradio-rx"), script, { mode: 0o755 });
  return dir;
}

/** Returns the examples of the help of a command. */
async function examplesOf(command: string): Promise<string[]> {
  const { stdout } = await run([command, "--help"]);
  return [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, example]) => example!);
}

test.each(["call", "batch", "info", "typegen", "doctor", "upload", "download", "mcp", "migrate", "completion"])(
  "the examples in the help of %s run as they are pasted",
  async (command) => {
    const [app, other] = [await serve(endpoints), await serve(endpoints)];
    const client = await Client.connect(app.url);
    const [file] = await client.upload([new File(["cat"], "cat.png")]);
    await client.close();
    const hub = await Hub.start();
    onTestFinished(() => hub.close());
    for (const name of ["name", "whisper", "one", "two"]) await hub.add(`owner/${name}`, { app: app.url });
    const dir = await folder();
    const env = environment({ PATH: `${dir}${delimiter}${process.env["PATH"]}`, HF_ENDPOINT: hub.url });
    const examples = (await examplesOf(command)).filter((example) => !example.includes("redis://"));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      // The apps of the examples are those of this test.
      const here = example
        .replace("https://owner-name.hf.space/gradio_api/file=/tmp/gradio/cat.png", file!.url)
        .replace(/http:\/\/gpu-2:7860/, other.url)
        .replace(/http:\/\/(127\.0\.0\.1|gpu-\d):7860|https:\/\/gradio\.example\.com\/app/, app.url);
      const { code, stderr } = await runProgram("bash", ["-c", here], { cwd: dir, env });
      expect([example, stderr]).toEqual([example, expect.not.stringContaining("error:")]);
      // An app on 127.0.0.1 accepts no pages of other hosts: `doctor` finds that.
      expect([example, code]).toEqual([example, example.includes("--origin") ? 1 : 0]);
    }
  },
);
