import { type Client, type FileData, type FileInput, handleFile, InputError } from "@gradio-rx/node";
import { realpathSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, isAbsolute, join, relative, resolve } from "node:path";

/** Maximum size of a file that is part of the result, in bytes. */
const INLINE = 1_048_576;

/**
 * Creates files from values of models: `data:` URLs, or paths inside a folder, relative to it.
 *
 * @param folder - folder of local files; without it, paths are rejected.
 */
export function givenFiles(folder: string | undefined): (text: string) => FileInput {
  return (text) => {
    if (text.startsWith("data:")) return fromDataUrl(text);
    if (folder === undefined)
      throw new InputError(
        `${JSON.stringify(text.slice(0, 100))} is not a URL of a file. Local files are taken from the folder that gradio-rx mcp --files names.`,
      );
    return handleFile(inside(folder, text.replace(/^@/, "")));
  };
}

/** Returns the path of a file inside a folder, after following links. */
function inside(folder: string, path: string): string {
  try {
    const whole = realpathSync(resolve(folder, path));
    const away = relative(realpathSync(folder), whole);
    if (away !== "" && !away.startsWith("..") && !isAbsolute(away)) return whole;
  } catch {
    // It does not exist; the model learns no more of this machine than that.
  }
  throw new InputError(`There is no file ${JSON.stringify(path.slice(0, 200))} in the folder of local files.`);
}

function fromDataUrl(text: string): FileInput {
  const comma = text.indexOf(",");
  const [type = "", ...flags] = text.slice("data:".length, comma).split(";");
  if (comma < 0) throw new InputError("The data: address of a file has no comma before its data.");
  const data = text.slice(comma + 1);
  const bytes = flags.includes("base64") ? Buffer.from(data, "base64") : Buffer.from(decodeURIComponent(data));
  return handleFile(new Blob([bytes], { type }), { name: `file${extensions[type] ?? ""}` });
}

const extensions: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "image/webp": ".webp",
  "audio/wav": ".wav",
  "audio/mpeg": ".mp3",
  "audio/ogg": ".ogg",
  "audio/flac": ".flac",
  "video/mp4": ".mp4",
  "text/plain": ".txt",
};

/** Returns the MIME type of a file, from the app or by its name; `undefined` where it is unknown. */
export function mimeTypeOf({ mimeType, origName, path }: FileData): string | undefined {
  if (mimeType !== null) return mimeType;
  const ending = extname(origName ?? path)
    .toLowerCase()
    .replace(".jpeg", ".jpg");
  return Object.entries(extensions).find(([, known]) => known === ending)?.[0];
}

/** Returns the bytes of an image or a sound in base64; `undefined` for other files and for large ones. */
export async function inlineData(client: Client, file: FileData, signal: AbortSignal): Promise<string | undefined> {
  if (file.isStream || (file.size ?? 0) > INLINE) return undefined;
  if (file.localPath !== undefined) return await base64(file.localPath);
  const tooLarge = new AbortController();
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  try {
    const onProgress = ({ received }: { received: number }): void => {
      if (received > INLINE) tooLarge.abort();
    };
    return await base64(
      await client.download(file, { dir, signal: AbortSignal.any([signal, tooLarge.signal]), onProgress }),
    );
  } catch (error) {
    if (tooLarge.signal.aborted) return undefined;
    throw error;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function base64(path: string): Promise<string | undefined> {
  const bytes = await readFile(path);
  return bytes.length > INLINE ? undefined : bytes.toString("base64");
}
