import { connect } from "../connect.ts";
import { localFile, localFiles, Stdin } from "../data/files.ts";
import { exitCodes } from "../exit.ts";
import { write } from "../io.ts";
import type { Run } from "../run.ts";

/** Uploads files, and prints each as the JSON of a `FileData`, one a line. */
export async function upload(run: Run, app: string, paths: readonly string[]): Promise<number> {
  const { io } = run;
  const stdin = new Stdin(io.stdin);
  const files = paths.map((path) => (path === "-" ? localFiles(stdin)("@-") : localFile(path)));
  const { client, signal } = await connect(run, app);
  try {
    const uploaded = await client.upload(files, { signal });
    await write(io.stdout, uploaded.map((file) => `${JSON.stringify(file)}\n`).join(""));
    return exitCodes.done;
  } finally {
    await client.close();
  }
}
