import { Client, type FileData, handleFile } from "@gradio-rx/node";
import type { Adapter, AdapterName, Connected } from "./adapter.ts";

type OwnAdapter = Extract<AdapterName, `ours${string}`>;
type Read = (
  client: Client,
  endpoint: string,
  data: readonly unknown[],
  onValue: (value: unknown) => void,
) => Promise<unknown>;

/** The SDK; `read` chooses the API that reads its streams. */
export const adapters: Record<OwnAdapter, Adapter> = {
  ours: adapter(async (client, endpoint, data, onValue) => {
    const job = client.submit(endpoint, data);
    for await (const event of job) if (event.type === "data") onValue(event.data);
    return job;
  }),
  "ours-values": adapter(async (client, endpoint, data, onValue) => {
    for await (const value of client.submit(endpoint, data).values()) onValue(value);
  }),
  "ours-callback": adapter(async (client, endpoint, data, onValue) => {
    await client.submit(endpoint, data, { onData: (event) => onValue(event.data) }).result();
  }),
  "ours-observe": adapter(
    (client, endpoint, data, onValue) =>
      new Promise<void>((resolve, reject) => {
        client.observe(endpoint, data).subscribe({
          next: (event) => event.type === "data" && onValue(event.data),
          error: reject,
          complete: resolve,
        });
      }),
  ),
};

function adapter(read: Read): Adapter {
  return {
    async connect(url): Promise<Connected> {
      const client = await Client.connect(url);
      return {
        predict: (endpoint, data) => client.predict(endpoint, data),
        stream: (endpoint, data, onValue) => read(client, endpoint, data, onValue),
        upload: (path) => client.predict("/take", [handleFile(path)]),
        download: async (dir) => await client.download(await client.predict<FileData>("/give", [""]), { dir }),
        close: () => client.close(),
      };
    },
  };
}
