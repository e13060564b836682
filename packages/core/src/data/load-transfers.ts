import { loadPart } from "../load.ts";

/** The functions for calls with files: {@link loadTransfers} loads them. */
export type Transfers = typeof import("./transfers.ts");

/** Kept for all clients: importing a module a second time takes time, too. */
let loaded: Transfers | undefined;

/** Returns the functions for calls with files; `undefined` until they are loaded. */
export function loadedTransfers(): Transfers | undefined {
  return loaded;
}

/**
 * Loads the functions for calls with files: with the connection where an endpoint takes files or the platform saves files, else with
 * the first transfer.
 *
 * @throws ConnectionError with `accepted: false` where they cannot be loaded.
 */
export async function loadTransfers(): Promise<Transfers> {
  return (loaded ??= await loadPart(() => import("./transfers.ts")));
}

/** Whether an endpoint takes files. Its arguments can be completed once the functions for files are loaded. */
export function takesFiles({ parameters }: { parameters: readonly { file: unknown }[] }): boolean {
  return parameters.some(({ file }) => file !== null);
}
