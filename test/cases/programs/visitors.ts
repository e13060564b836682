// Two visitors of one server, each with a fork, never see each other's state.
import { deepStrictEqual } from "node:assert/strict";
import { Client } from "@gradio-rx/node";
import { startGradio } from "../gradio.ts";

await using app = await startGradio(`
def answer(message, history):
    history = history + [message]
    return " | ".join(history), history
with gr.Blocks() as demo:
    state = gr.State([])
    message = gr.Textbox()
    message.submit(answer, [message, state], [gr.Textbox(), state], api_name="chat")
`);
await using client = await Client.connect(app.url);
const visitors = [client.fork(), client.fork()];
await visitors[0]!.predict("/chat", ["my password is 123"]);
const said = await Promise.all(visitors.map((visitor, index) => visitor.predict("/chat", [`visitor ${index}`])));
deepStrictEqual(said, ["my password is 123 | visitor 0", "visitor 1"]);
