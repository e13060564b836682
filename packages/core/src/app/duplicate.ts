import { AuthenticationError, GradioError, InputError, ProtocolError, SpaceError } from "../errors.ts";
import { isFields, text } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { detail } from "../http/errors.ts";
import { checkOptions, type ConnectOptions, type OptionTable } from "../options.ts";
import { hubAddress } from "./address.ts";
import { parseReference } from "./reference.ts";
import { pathOf } from "./space.ts";

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

/** A copy of a Space that is to be made. */
export interface CopyRequest {
  /** `owner/name`. */
  from: string;
  /** `name`, or `owner/name`. Default: the name that it has, under the caller's own. */
  to: string | undefined;
  isPrivate: boolean;
  hardware: string | undefined;
  secrets: Readonly<Record<string, string>> | undefined;
  /** Milliseconds without a visitor after which it sleeps, `Infinity` for never; `undefined` where the Hub decides. */
  sleepTimeout: number | undefined;
}

/**
 * Reads what is to be copied, and how; what is left are the options of connecting to the copy.
 *
 * @param others - options that are none of copying.
 * @throws InputError for what cannot be; AuthenticationError without a token.
 */
export async function readCopy(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  others: OptionTable,
): Promise<{ copy: CopyRequest; rest: ConnectOptions }> {
  checkOptions("Client.duplicate", options, { ...others, ...table });
  const { to, private: isPrivate = true, hardware, secrets, sleepTimeout, ...rest } = options;
  const reference = await parseReference(spaceId, hubAddress(rest.hubUrl));
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
  const sleep = costs ? (sleepTimeout ?? SLEEP) : undefined;
  return { copy: { from: reference.space, to, isPrivate, hardware, secrets, sleepTimeout: sleep }, rest };
}

/**
 * Copies a Space on the Hub (PROTOCOL.md, 1.8).
 *
 * @returns the copy's id, and whether it was there already: then it stays as it is.
 * @throws AuthenticationError where the token is refused or may not write; SpaceError where the Hub does not copy it.
 */
export async function copySpace(
  hub: Http,
  request: CopyRequest,
  signal: AbortSignal | undefined,
): Promise<{ space: string; existed: boolean }> {
  const { from, to = from.split("/")[1]!, sleepTimeout } = request;
  const wanted = to.includes("/") ? to : `${await ownName(hub, signal)}/${to}`;
  const made = await copy(hub, request, wanted, signal);
  if (made === null) return { space: wanted, existed: true };
  if (sleepTimeout !== undefined) {
    const seconds = sleepTimeout === Infinity ? -1 : Math.ceil(sleepTimeout / 1_000);
    await hub.send({ path: `${pathOf({ space: made })}/sleeptime`, json: { seconds }, signal, idempotent: true });
  }
  return { space: made, existed: false };
}

/** Whose token it is. */
async function ownName(hub: Http, signal: AbortSignal | undefined): Promise<string> {
  const { body } = await hub.send({
    path: "api/whoami-v2",
    signal,
    idempotent: true,
    toError: ({ status, body: said }) => (status === 401 || status === 403 ? refused(status, said) : undefined),
  });
  const name = isFields(body) ? text(body["name"]) : null;
  if (name === null || name === "") throw new ProtocolError("The Hub does not say whose token it is.");
  return name;
}

/** Makes the copy; `null` where there is one of that name. */
async function copy(
  hub: Http,
  { from, isPrivate, hardware, secrets }: CopyRequest,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const pairs = secrets && Object.entries(secrets).map(([key, value]) => ({ key, value }));
  try {
    const { body } = await hub.send({
      path: `${pathOf({ space: from })}/duplicate`,
      json: { repository: wanted, private: isPrivate, hardware, secrets: pairs },
      signal,
      toError: ({ status, body: said }) => {
        if (status === 401 || status === 403) return refused(status, said);
        if (status === 404)
          return new AuthenticationError(`The Hub knows no Space "${from}" that you may see. Look at the name.`, {
            status,
          });
        if (status === 400 || status === 402 || status === 422)
          return new SpaceError(`The Hub does not copy ${from} to ${wanted}: ${detail(said)}`, { status });
        return undefined;
      },
    });
    const page = isFields(body) ? text(body["url"]) : null;
    const [, owner, name] = /\/spaces\/([\w.-]+)\/([\w.-]+)\/?$/.exec(page ?? "") ?? [];
    return owner && name ? `${owner}/${name}` : wanted;
  } catch (error) {
    if (error instanceof GradioError && error.status === 409) return null;
    throw error;
  }
}

function refused(status: number, body: unknown): AuthenticationError {
  const said = detail(body);
  return new AuthenticationError(
    `The Hub refused the token. Copying a Space needs one that is valid and has the right to write (role write).${said ? ` The Hub says: ${said}` : ""}`,
    { status },
  );
}
