// #region memory
import { Client } from "@gradio-rx/client";
import { createApp } from "@gradio-rx/testing";

export async function greetInMemory(): Promise<string> {
  const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
  const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
  const text = await client.predict<string>("/greet", ["Ada"]);
  await client.close();
  return text;
}
// #endregion memory
