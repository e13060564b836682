import type { Client } from "@gradio-rx/node";

export async function all(client: Client, print: (line: string) => void): Promise<void> {
  // #region map
  const names = ["Ada", "Grace", "Edsger"];
  const inputs = names.map((name) => ({ name }));
  for await (const { index, result, error } of client.map<string>("/greet", inputs, { concurrency: 2, ordered: true }))
    print(`${names[index]}: ${error === undefined ? result : String(error)}`);
  // #endregion map
}
