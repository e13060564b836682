// Integers beyond 2^53 are sent exactly, and received exactly with the option `bigints`.
import { strictEqual } from "node:assert/strict";
import { Client } from "@gradio-rx/node";
import { startGradio } from "../gradio.ts";

const seed = 1_798_406_481_619_217_041n;
await using app = await startGradio(`
with gr.Blocks() as demo:
    value = gr.JSON()
    gr.Button().click(lambda seed: str(seed), value, gr.Textbox(), api_name="seen")
    gr.Button().click(lambda: ${seed}, None, gr.JSON(), api_name="random_seed")
`);
await using client = await Client.connect(app.url);
await using exact = await Client.connect(app.url, { bigints: true });
strictEqual(await client.predict("/seen", [seed]), String(seed));
strictEqual(await exact.predict("/random_seed"), seed);
strictEqual(await client.predict("/random_seed"), Number(seed));
