import type { DuplicateOptions } from "./app/duplicate.ts";
import { connect, type Connection, type Platform } from "./connection.ts";
import type { ConnectOptions, OptionTable } from "./options.ts";

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
  const { copyOf } = await import("./copy.ts");
  const { space, rest } = await copyOf(spaceId, options, platform.transport, own);
  return await connect(space, rest, platform, own);
}
