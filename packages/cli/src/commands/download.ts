import type { Client, FileData } from "@gradio-rx/node";
import { connect } from "../connect.ts";
import { parseJson } from "../data/words.ts";
import { exitCodes, UsageError } from "../exit.ts";
import { write } from "../io.ts";
import { isFile } from "../output.ts";
import type { CommonOptions, Run } from "../run.ts";

/** Downloads files of an app, and prints the path of each, one a line. */
export async function download(
  run: Run<CommonOptions & { out: string }>,
  app: string,
  files: readonly string[],
): Promise<number> {
  const { io, options } = run;
  const given = files.map(fileOf);
  const { client, signal } = await connect(run, app);
  try {
    for (const file of given) {
      const path = await client.download(addressOf(file, client), { dir: options.out, signal });
      await write(io.stdout, `${options.json ? JSON.stringify({ path }) : path}\n`);
    }
    return exitCodes.done;
  } finally {
    await client.close();
  }
}

/** A file as it was written: the JSON of a `FileData`, a URL, or a path on the server. */
function fileOf(text: string): FileData | string {
  if (!text.trimStart().startsWith("{")) return text;
  const file = parseJson(text, "The file");
  if (isFile(file)) return file;
  throw new UsageError("The file's JSON is not a FileData: write it as upload prints it.");
}

/** The address of a file: a path on the server is one of the app's files. */
function addressOf(file: FileData | string, client: Client): FileData | string {
  if (typeof file !== "string" || /^(https?|data):/i.test(file)) return file;
  const prefix = client.config["api_prefix"];
  const folder = typeof prefix === "string" ? `${prefix.replace(/^\/+/, "")}/` : "";
  return new URL(`${folder}file=${file.split("/").map(encodeURIComponent).join("/")}`, client.app.url).href;
}
