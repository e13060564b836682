import { setTimeout as sleep } from "node:timers/promises";
import { type CallContext, endpoint, type EndpointValue, image } from "@gradio-rx/testing";
import type { ServerRecord } from "./api.ts";

/**
 * Makes the endpoint `/grey`, the equivalent of `grey` in app.py.
 *
 * @param pictures - counts of the server, which the endpoint updates.
 */
export function grey(pictures: ServerRecord["pictures"]): EndpointValue {
  return endpoint({
    inputs: [image("image")],
    outputs: [image("picture")],
    parameters: ["image"],
    concurrencyLimit: 1,
    description: "Returns a picture without its colours. One picture at a time: other calls wait in the queue.",
    fn: async (given: File, { progress, signal }: CallContext) => {
      pictures.started += 1;
      let end: "cancelled" | "finished" = "cancelled";
      try {
        for (const _ of progress.each(Array.from({ length: 20 }), { desc: "removing colours", unit: "steps" }))
          await sleep(60, undefined, { signal });
        end = "finished";
        return await withoutColours(given);
      } finally {
        pictures[end] += 1;
      }
    },
  });
}

async function withoutColours(given: File): Promise<File> {
  const { Jimp } = await import("jimp");
  const picture = await Jimp.fromBuffer(await given.arrayBuffer());
  const png = await picture.greyscale().getBuffer("image/png");
  return new File([new Uint8Array(png)], "picture.png", { type: "image/png" });
}
