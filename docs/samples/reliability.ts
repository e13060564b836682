import type { Client } from "@gradio-rx/node";

export async function repeat(client: Client): Promise<string> {
  // #region resubmit
  const text = await client.predict<string>("/write", ["cats"], { resubmit: true });
  // #endregion resubmit
  return text;
}

export async function wait(client: Client): Promise<string> {
  // #region wait
  const text = await client.predict<string>("/write", ["cats"], { onQueueFull: "wait", timeout: 60_000 });
  // #endregion wait
  return text;
}
