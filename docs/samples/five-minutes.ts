import { AppError, type Client } from "@gradio-rx/node";

export async function stream(client: Client, show: (text: string) => void): Promise<void> {
  // #region stream
  const job = client.submit<string>("/write", { topic: "cats" });
  for await (const text of job.values()) show(text);
  // #endregion stream
}

export async function stop(client: Client): Promise<boolean> {
  // #region stop
  const job = client.submit<number>("/count");
  for await (const count of job.values()) if (count === 3) break;
  const stopped = await job.cancel();
  // #endregion stop
  return stopped;
}

export async function fail(client: Client, show: (text: string) => void): Promise<void> {
  // #region fail
  try {
    await client.predict("/divide", { number: 1, by: 0 });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    show(`${error.title}: ${error.message}`);
  }
  // #endregion fail
}
