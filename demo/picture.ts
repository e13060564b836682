import { setTimeout as sleep } from "node:timers/promises";
import { type CallContext, endpoint, type EndpointValue, image, textbox } from "@gradio-rx/testing";
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
        const { Jimp } = await import("jimp");
        const picture = await Jimp.fromBuffer(await given.arrayBuffer());
        const steps = Array.from({ length: Math.max(1, Math.floor(picture.height / 12)) });
        for (const _ of progress.each(steps, { desc: "removing colours", unit: "steps" }))
          await sleep(60, undefined, { signal });
        const png = await picture.greyscale().getBuffer("image/png");
        end = "finished";
        return new File([new Uint8Array(png)], "picture.png", { type: "image/png" });
      } finally {
        pictures[end] += 1;
      }
    },
  });
}

/** Makes the endpoint `/colour`, the equivalent of `colour` in app.py. */
export function colour(): EndpointValue {
  return endpoint({
    inputs: [image("image")],
    outputs: [textbox("colour")],
    parameters: ["image"],
    concurrencyLimit: 4,
    description: "Returns the average colour of a picture, as in #336699.",
    fn: async (given: File, { signal }: CallContext) => {
      await sleep(100, undefined, { signal });
      return await averageColour(given);
    },
  });
}

async function averageColour(given: File): Promise<string> {
  const { Jimp } = await import("jimp");
  const { bitmap } = await Jimp.fromBuffer(await given.arrayBuffer());
  const pixels = bitmap.data.length / 4;
  const means = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let at = channel; at < bitmap.data.length; at += 4) sum += bitmap.data[at]!;
    return Math.round(sum / pixels);
  });
  return `#${means.map((mean) => mean.toString(16).padStart(2, "0")).join("")}`;
}
