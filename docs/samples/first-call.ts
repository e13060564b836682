// #region call
import { Client } from "@gradio-rx/node";

export async function call(url: string): Promise<[string, string]> {
  const client = await Client.connect(url);
  const byName = await client.predict<string>("/greet", { name: "Ada" });
  const byPosition = await client.predict<string>("/greet", ["Ada"]);
  await client.close();
  return [byName, byPosition];
}
// #endregion call
