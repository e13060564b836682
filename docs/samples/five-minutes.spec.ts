import { fileURLToPath } from "node:url";
import { Client } from "@gradio-rx/node";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../test/servers/free-port.ts";
import { startScript } from "../../test/servers/script.ts";
import { call } from "./first-call.ts";
import { fail, stop, stream } from "./five-minutes.ts";

test(
  "the app in Python runs as it stands, and the samples of the page work with it",
  { timeout: 300_000 },
  async () => {
    const port = await freePort();
    await startScript(fileURLToPath(new URL("five_minutes.py", import.meta.url)), port);
    const url = `http://127.0.0.1:${port}`;
    expect(await call(url)).toEqual(["Hello Ada", "Hello Ada"]);
    const client = await Client.connect(url);
    onTestFinished(() => client.close());
    const texts: string[] = [];
    await stream(client, (text) => texts.push(text));
    expect(texts).toEqual(["A story about", "A story about cats"]);
    expect(await stop(client)).toBe(true);
    await fail(client, (text) => texts.push(text));
    expect(texts.at(-1)).toBe("Bad arithmetic: Cannot divide by zero.");
  },
);
