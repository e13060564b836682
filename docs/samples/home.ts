// #region home
import { Client } from "@gradio-rx/client";

export async function write(url: string, show: (text: string) => void): Promise<string> {
  const client = await Client.connect(url);
  const job = client.submit<string>("/write", { topic: "cats" });
  job.on("status", ({ msg }) => show(msg)); // "In queue: position 2 of 5, about 12 s"
  for await (const text of job.values()) show(text); // text that grows
  await client.close();
  return await job.result();
}
// #endregion home
