import { Job } from "@gradio-rx/web";

export async function read(fetch: typeof globalThis.fetch, show: (text: string) => void): Promise<void> {
  // #region read
  const body = JSON.stringify({ topic: "cats" });
  const job = Job.fromResponse<string>(fetch("/api/write", { method: "POST", body }));
  for await (const text of job.values()) show(text);
  // #endregion read
}
