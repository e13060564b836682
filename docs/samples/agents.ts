import type { Client } from "@gradio-rx/node";

export async function openai(client: Client): Promise<[string[], unknown]> {
  // #region openai
  const { tools, call } = client.toTools({ format: "openai", endpoints: ["/greet", "/divide"] });
  const names = tools.map((tool) => tool.function.name);
  // The model answers with the name of a tool and its arguments as JSON:
  const result = await call("greet", '{"name":"Ada"}');
  // #endregion openai
  return [names, result];
}
