import { hubAddress } from "./app/address.ts";
import { copySpace, type DuplicateOptions, readCopy } from "./app/duplicate.ts";
import { hubHttp } from "./app/reach-space.ts";
import { httpSettings, tell } from "./connection.ts";
import { type ConnectOptions, connectOptions, type OptionTable } from "./options.ts";
import type { Transport } from "./transport.ts";

/**
 * Copies a Space on the Hub, or finds the copy that is there.
 *
 * @returns the copy's id, and the options of connecting to it.
 */
export async function copyOf(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  transport: Transport,
  own: OptionTable,
): Promise<{ space: string; rest: ConnectOptions }> {
  const { copy, rest } = await readCopy(spaceId, options, { ...connectOptions, ...own });
  rest.signal?.throwIfAborted();
  const settings = httpSettings(rest, transport, new AbortController().signal);
  const { space, existed } = await copySpace(hubHttp(settings, hubAddress(rest.hubUrl)), copy, rest.signal);
  const what = existed ? "was there already, and is used as it is" : `is a new copy of ${copy.from}`;
  tell(rest.logger, "info", `The Space ${space} ${what}.`);
  return { space, rest };
}
