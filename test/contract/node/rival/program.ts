// A program that calls an app and closes its client: node program.ts PACKAGE URL.
import type * as compat from "@gradio-rx/compat";

const { Client } = (await import(process.argv[2]!)) as typeof compat;
const client = await Client.connect(process.argv[3]!, { hf_token: "hf_secret" });
await client.predict("/counter", [1, null]);
client.close();
