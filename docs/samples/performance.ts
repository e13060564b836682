import type { Client } from "@gradio-rx/node";

export async function latest(client: Client): Promise<readonly number[]> {
  // #region keep
  const job = client.submit<number>("/count", {}, { keepOutputs: 1 });
  for await (const count of job.values()) if (count >= 3) break;
  const [last] = job.outputs(); // the latest output alone
  await job.cancel();
  // #endregion keep
  return [last!, job.outputs().length];
}
