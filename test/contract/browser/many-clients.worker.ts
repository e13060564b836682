import { Client } from "#sdk";

/** Work of one page: clients that call at once. */
export interface Task {
  url: string;
  clients: number;
  text: string;
}

/** Result, or error as text, of each client. */
export interface Report {
  outcomes: unknown[];
}

// Stands for another page of the same origin: it shares the browser's connections and locks.
addEventListener("message", ({ data }: MessageEvent<Task>) => void work(data));

async function work({ url, clients, text }: Task): Promise<void> {
  const outcomes = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = await Client.connect(url);
      const outcome: unknown = await client.predict("/generate", [text, 0.05]).catch(String);
      await client.close();
      return outcome;
    }),
  );
  postMessage({ outcomes } satisfies Report);
}
