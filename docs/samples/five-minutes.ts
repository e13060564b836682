// #region call
import { AppError, Client } from "@gradio-rx/node";

export async function call(url: string): Promise<[string, string]> {
  const client = await Client.connect(url);
  const byName = await client.predict<string>("/greet", { name: "Ada" });
  const byPosition = await client.predict<string>("/greet", ["Ada"]);
  await client.close();
  return [byName, byPosition];
}
// #endregion call

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
