import { parseReference } from "./app/reference.ts";
import { connect, type Connection, hubAddress, hubHttp, type Platform, tell } from "./connection.ts";
import { AuthenticationError, InputError } from "./errors.ts";
import { isFields } from "./fields.ts";
import { checkOptions, type ConnectOptions, connectOptions, type OptionTable } from "./options.ts";

/** What a copy of a Space is to be. All but `to` holds for a copy that is made: one that was there stays as it is. */
export interface DuplicateOptions {
  /** Its name, or `owner/name`. Default: the name that the Space has, under the owner of the token. */
  to?: string | undefined;
  /** Whether only its owner can see it. Default `true`. */
  private?: boolean | undefined;
  /** What it runs on, in the Hub's words, such as `"t4-small"`; all but the basic ones cost. Default: the free one. */
  hardware?: string | undefined;
  /** Secrets that its app reads from its environment; the Hub copies none. */
  secrets?: Readonly<Record<string, string>> | undefined;
  /**
   * Milliseconds without a visitor after which it sleeps, `Infinity` for never. With hardware that costs only; there the
   * default is 300 000, as it costs while it is awake.
   */
  sleepTimeout?: number | undefined;
}

/** Hardware whose sleep is not for its owner to set. */
const free: readonly (string | undefined)[] = [undefined, "cpu-basic", "zero-a10g"];
const SLEEP = 300_000;

const table: OptionTable = {
  to: (value) =>
    typeof value === "string" && /^([\w][\w.-]*\/)?[\w][\w.-]*$/.test(value)
      ? undefined
      : 'must be "name" or "owner/name"',
  private: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  hardware: (value) => (typeof value === "string" && value !== "" ? undefined : "must be a string"),
  secrets: (value) =>
    isFields(value) && Object.values(value).every((secret) => typeof secret === "string")
      ? undefined
      : "must be an object of strings",
  sleepTimeout: (value) =>
    typeof value === "number" && value > 0 ? undefined : "must be a number of milliseconds above 0",
};

/**
 * Copies a Space on the Hub, or finds the copy that is there, waits until it runs, and gets ready to call it.
 *
 * @param spaceId - `owner/name`, or the Space's page.
 * @param own - options that the platform has beyond those of all platforms.
 * @throws InputError and, without a token, AuthenticationError before any request; what {@link copySpace} and
 *   {@link connect} throw.
 */
export async function duplicate(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  platform: Platform,
  own: OptionTable = {},
): Promise<Connection> {
  checkOptions("Client.duplicate", options, { ...connectOptions, ...own, ...table });
  const { to, private: isPrivate = true, hardware, secrets, sleepTimeout, ...rest } = options;
  const reference = parseReference(spaceId, hubAddress(rest));
  if (!("space" in reference)) throw new InputError('Client.duplicate takes the id of a Space, "owner/name".');
  const costs = !free.includes(hardware);
  if (sleepTimeout !== undefined && !costs)
    throw new InputError(
      "sleepTimeout is only for hardware that costs: on the free one the Hub decides when a Space sleeps.",
      {
        parameter: "sleepTimeout",
      },
    );
  if (rest.token === undefined)
    throw new AuthenticationError(
      "Copying a Space needs a token with the right to write (role write): pass it as token.",
    );
  rest.signal?.throwIfAborted();
  const from = reference.space;
  const request = { from, to, isPrivate, hardware, secrets, sleepTimeout: costs ? (sleepTimeout ?? SLEEP) : undefined };
  const hub = hubHttp(rest, platform.transport, new AbortController().signal);
  const { copySpace } = await import("./app/duplicate.ts");
  const { space, existed } = await copySpace(hub, request, rest.signal);
  const what = existed ? `was there already, and is used as it is` : `is a new copy of ${from}`;
  tell(rest.logger, "info", `The Space ${space} ${what}.`);
  return await connect(space, rest, platform, own);
}
