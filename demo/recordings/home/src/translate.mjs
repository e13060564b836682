import { client } from "@gradio/client";

const app = await client("http://127.0.0.1:7860", { hf_token: process.env.HF_TOKEN });
const result = await app.predict("/translate", { text: "Good morning" });
console.log(result.data[0]);

const { named_endpoints } = await app.view_api();
console.log(Object.keys(named_endpoints));
