import { Client } from "@gradio-rx/node";

// #region types
export interface Api {
  "/greet": { input: { name: string }; args: [name: string]; output: string };
  "/divide": { input: { number: number; by: number }; args: [number: number, by: number]; output: number };
}
// #endregion types

export async function typed(url: string): Promise<[string, number]> {
  // #region call
  const client = await Client.connect<Api>(url);
  const text = await client.predict("/greet", { name: "Ada" }); // string
  const quotient = await client.predict("/divide", [6, 3]); // number
  // #endregion call
  await client.close();
  return [text, quotient];
}
