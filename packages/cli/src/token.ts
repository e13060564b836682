import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Io } from "./io.ts";

/** Whether an address names a Space: its id, its page at the Hub, or its host. */
export function isSpace(app: string, env: Io["env"]): boolean {
  if (/^[\w.-]+\/[\w.-]+$/.test(app)) return true;
  if (!URL.canParse(app)) return false;
  const url = new URL(app);
  if (url.protocol !== "https:" && url.origin !== hubOrigin(env)) return false;
  const isPage = [hubOrigin(env), "https://huggingface.co", "https://hf.co"].includes(url.origin);
  return url.hostname.endsWith(".hf.space") || (isPage && url.pathname.startsWith("/spaces/"));
}

function hubOrigin(env: Io["env"]): string {
  const hub = env["HF_ENDPOINT"] ?? "";
  return URL.canParse(hub) ? new URL(hub).origin : "https://huggingface.co";
}

/**
 * The Hub token for an app: the one given; else, for a Space alone, `HF_TOKEN`, or the file that the Hub's own tools keep it in.
 * No other address gets a token that was not given with it.
 */
export async function tokenFor(app: string, given: string | undefined, env: Io["env"]): Promise<string | undefined> {
  if (given !== undefined || !isSpace(app, env)) return given;
  const own = env["HF_TOKEN"]?.trim();
  if (own) return own;
  const home = env["HF_HOME"] || join(homedir(), ".cache", "huggingface");
  const file = env["HF_TOKEN_PATH"] || join(home, "token");
  const kept = await readFile(file, "utf8").catch(() => "");
  return kept.trim() || undefined;
}
