import { readFile } from "node:fs/promises";
import { type Client, type FileData, handleFile } from "@gradio-rx/node";

export async function values(client: Client): Promise<unknown> {
  // #region values
  const document = new File(["one two three"], "letter.txt", { type: "text/plain" });
  const counts = await client.predict("/measure", { document }); // { words: 3 }
  // #endregion values
  return counts;
}

export async function disk(client: Client, path: string): Promise<unknown> {
  // #region disk
  const counts = await client.predict("/measure", { document: handleFile(path) });
  // #endregion disk
  return counts;
}

export async function output(client: Client, folder: string): Promise<string> {
  const document = new File(["one two three"], "letter.txt");
  // #region output
  const file = await client.predict<FileData>("/copy", { document });
  const path = await client.download(file, { dir: folder }); // in a browser: a Blob
  const text = await readFile(path, "utf8");
  // #endregion output
  return text;
}

export async function upload(client: Client): Promise<[unknown, number]> {
  const document = new File(["one two three"], "letter.txt");
  let share = 0;
  // #region upload
  const [uploaded] = await client.upload([document], {
    onProgress: ({ sent, total }) => (share = sent / total),
  });
  const counts = await client.predict("/measure", { document: uploaded });
  // #endregion upload
  return [counts, share];
}
