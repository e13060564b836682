import type { DuplicateOptions } from "./app/duplicate.ts";
import { connect, type Connection, hubHttp, type Platform, tell } from "./connection.ts";
import { type ConnectOptions, connectOptions, type OptionTable } from "./options.ts";

/**
 * Copies a Space on the Hub, or finds the copy that is there, waits until it runs, and gets ready to call it.
 *
 * @param spaceId - `owner/name`, or the Space's page.
 * @param own - options that the platform has beyond those of all platforms.
 * @throws InputError and, without a token, AuthenticationError before any request; SpaceError where the Hub does not copy it;
 *   what {@link connect} throws.
 */
export async function duplicate(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  platform: Platform,
  own: OptionTable = {},
): Promise<Connection> {
  const { copySpace, readCopy } = await import("./app/duplicate.ts");
  const { copy, rest } = await readCopy(spaceId, options, { ...connectOptions, ...own });
  rest.signal?.throwIfAborted();
  const hub = hubHttp(rest, platform.transport, new AbortController().signal);
  const { space, existed } = await copySpace(hub, copy, rest.signal);
  const what = existed ? "was there already, and is used as it is" : `is a new copy of ${copy.from}`;
  tell(rest.logger, "info", `The Space ${space} ${what}.`);
  return await connect(space, rest, platform, own);
}
