import type * as Batches from "@gradio-rx/batch";
import { existsSync } from "node:fs";
import { duration } from "../duration.ts";
import { UsageError } from "../exit.ts";
import { isRedis } from "./plan.ts";

/** The package for batches, and the store that `--store` names. */
export interface LoadedStore {
  package: typeof Batches;
  store: Batches.Store;
  /** The store as messages name it, without a password. */
  shown: string;
}

/** Name of a batch in Redis whose URL gives none. */
const NAME = "batch";

/**
 * Loads what a store needs: `@gradio-rx/batch` for a file, `bullmq` and `ioredis` too for Redis.
 *
 * @param text - path of a SQLite file, or `redis://host:port?name=batch&lease=30s`.
 * @param mustExist - whether a file that does not exist is an error.
 * @throws UsageError for packages that are not installed, and for an address that is neither.
 */
export async function loadStore(
  text: string,
  { mustExist = false }: { mustExist?: boolean } = {},
): Promise<LoadedStore> {
  if (isRedis(text)) return await loadRedis(text);
  if (/^\w+:\/\//.test(text))
    throw new UsageError(`The store ${withoutPassword(text)} is neither the path of a file nor a redis:// address.`);
  if (mustExist && !existsSync(text)) throw new UsageError(`The store ${text} does not exist.`);
  const batch = await loaded(["@gradio-rx/batch"], () => import("@gradio-rx/batch"));
  return { package: batch, store: batch.fileStore(text), shown: text };
}

async function loadRedis(text: string): Promise<LoadedStore> {
  if (!URL.canParse(text)) throw new UsageError("The address of the store is not a URL: write redis://host:port.");
  const url = new URL(text);
  const name = url.searchParams.get("name") ?? NAME;
  const lease = url.searchParams.get("lease");
  url.searchParams.delete("name");
  url.searchParams.delete("lease");
  const time = lease === null ? {} : { lease: duration(lease) };
  const [batch, { redisStore }] = await loaded(["@gradio-rx/batch", "bullmq", "ioredis"], () =>
    Promise.all([import("@gradio-rx/batch"), import("@gradio-rx/batch/redis")]),
  );
  const store = redisStore({ url: url.href, name, ...time });
  return { package: batch, store, shown: `${withoutPassword(url.href)} (${name})` };
}

async function loaded<T>(packages: readonly string[], load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    const names = packages.join(" ");
    const withNpx = packages.map((name) => `-p ${name}`).join(" ");
    throw new UsageError(
      `--store needs ${packages.length === 1 ? `the package ${names}` : `the packages ${packages.join(", ")}`}. ` +
        `Install what is missing beside gradio-rx: npm install ${names}. ` +
        `With npx: npx -p gradio-rx ${withNpx} gradio-rx batch …`,
    );
  }
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return JSON.stringify(text);
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
