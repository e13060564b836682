import { statSync } from "node:fs";
import type { Connected } from "../adapters/adapter.ts";
import { check, measure, peak } from "./measure.ts";
import type { Figures, Params, Sample } from "./sample.ts";

/** Uploads and downloads. */
export const ofFiles: Record<string, Sample> = { upload, download };

async function upload(open: () => Promise<Connected>, { folder }: Params): Promise<Figures> {
  const app = await open();
  const { ms } = await measure(async () => {
    check((await app.upload(`${folder}/sent.bin`)) === "taken", "The call with the file said something else.");
  });
  await app.close();
  return { ms, peak: peak() };
}

async function download(open: () => Promise<Connected>, { folder, megabytes }: Params): Promise<Figures> {
  const app = await open();
  let path = "";
  const { ms } = await measure(async () => (path = await app.download(folder)));
  check(statSync(path).size === megabytes * 1_048_576, "The file has another size.");
  await app.close();
  return { ms, peak: peak() };
}
