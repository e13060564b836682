import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client, handle_file } from "@gradio/client";
import type { Adapter } from "./adapter.ts";

/** `@gradio/client`. */
export const rival: Adapter = {
  async connect(url) {
    const client = await Client.connect(url);
    const predict = async (endpoint: string, data: readonly unknown[]): Promise<unknown> =>
      first((await client.predict(endpoint, [...data])).data);
    return {
      predict,
      // It emits the last output again when the call ends.
      async stream(endpoint, data, onValue) {
        for await (const event of client.submit(endpoint, [...data]))
          if (event.type === "data") onValue(first(event.data));
      },
      upload: (path) => predict("/take", [handle_file(path)]),
      // It has no download function; this is the code that its users write.
      async download(folder) {
        const { url: address } = (await predict("/give", [""])) as { url: string };
        const { body } = await fetch(address);
        const path = join(folder, "large.bin");
        await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(path));
        return path;
      },
      async close() {
        client.close();
      },
    };
  },
};

function first(data: unknown): unknown {
  return (data as unknown[])[0];
}
