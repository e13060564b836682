import { AuthenticationError, GradioError, InputError, ProtocolError, SpaceError } from "../errors.ts";
import { isFields, text } from "../fields.ts";
import type { Http, HttpSettings } from "../http/request.ts";
import { detail } from "../http/errors.ts";
import { checkOptions, type ConnectOptions, isBoolean, isString, type OptionTable } from "../options.ts";
import { hubAddress, parseAppReference } from "./reference.ts";
import { hubHttp, spacePath } from "./space.ts";

/** Options of `Client.duplicate`, besides those of `Client.connect`. An existing copy is used as it is: then only `to` has an effect. */
export interface DuplicateOptions {
  /** Name of the copy, or `owner/name`. Default: the name of the Space, owned by the owner of the token. */
  to?: string | undefined;
  /** Whether the copy is private. Default `true`. */
  private?: boolean | undefined;
  /** Hardware of the copy as the Hub names it, such as `"t4-small"`. Most hardware costs money. Default: the free one. */
  hardware?: string | undefined;
  /** Secrets of the copy, which its app reads as environment variables. The Hub does not copy those of the Space. Default none. */
  secrets?: Readonly<Record<string, string>> | undefined;
  /**
   * Time without visitors after which the copy sleeps, in milliseconds; `Infinity` for never. Only for hardware that costs
   * money: InputError otherwise. Default 300 000.
   */
  sleepTimeout?: number | undefined;
}

/** Hardware that costs nothing, and whose sleep the Hub controls. */
const free: readonly (string | undefined)[] = [undefined, "cpu-basic", "zero-a10g"];
/** Default of `sleepTimeout`, in milliseconds. */
const SLEEP_TIMEOUT = 300_000;

const table: OptionTable = {
  to: (value) =>
    typeof value === "string" && /^([\w][\w.-]*\/)?[\w][\w.-]*$/.test(value)
      ? undefined
      : 'must be "name" or "owner/name"',
  private: isBoolean,
  hardware: isString,
  secrets: (value) =>
    isFields(value) && Object.values(value).every((secret) => typeof secret === "string")
      ? undefined
      : "must be an object of strings",
  sleepTimeout: (value) =>
    typeof value === "number" && value > 0 ? undefined : "must be a number of milliseconds above 0",
};

/** A requested copy of a Space. */
interface CopyRequest {
  /** `owner/name`. */
  from: string;
  /** `name` or `owner/name`; `undefined` for the name of the Space, owned by the owner of the token. */
  to: string | undefined;
  isPrivate: boolean;
  hardware: string | undefined;
  secrets: Readonly<Record<string, string>> | undefined;
  /** Time without visitors after which it sleeps, in milliseconds; `undefined` where the Hub decides. */
  sleepTimeout: number | undefined;
}

/**
 * Copies a Space on the Hub, or finds the existing copy (PROTOCOL.md, 1.8).
 *
 * @param spaceId - `owner/name`, or the address of the Space's page.
 * @param connectTable - the options of `Client.connect`.
 * @param settings - makes the HTTP settings of the options.
 * @returns the id of the copy, whether it existed, and the options for connecting to it.
 * @throws InputError and, without a token, AuthenticationError before any request; AuthenticationError where the token may
 *   not write; SpaceError where the Hub refuses the copy.
 */
export async function duplicateSpace(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  connectTable: OptionTable,
  settings: (options: ConnectOptions) => Omit<HttpSettings, "base">,
): Promise<{ space: string; source: string; existed: boolean; connectOptions: ConnectOptions }> {
  const { copy, rest } = readOptions(spaceId, options, connectTable);
  rest.signal?.throwIfAborted();
  const made = await copySpace(hubHttp(settings(rest), hubAddress(rest.hubUrl)), copy, rest.signal);
  return { ...made, source: copy.from, connectOptions: rest };
}

/** Splits the options into those of the copy and those of connecting to it. */
function readOptions(
  spaceId: unknown,
  options: ConnectOptions & DuplicateOptions,
  connectTable: OptionTable,
): { copy: CopyRequest; rest: ConnectOptions } {
  checkOptions("Client.duplicate", options, { ...connectTable, ...table });
  const { to, private: isPrivate = true, hardware, secrets, sleepTimeout, ...rest } = options;
  const reference = parseAppReference(spaceId, hubAddress(rest.hubUrl));
  if (!("space" in reference)) throw new InputError('Client.duplicate needs the id of a Space, "owner/name".');
  const costs = !free.includes(hardware);
  if (sleepTimeout !== undefined && !costs)
    throw new InputError(
      "sleepTimeout needs hardware that costs money: on free hardware the Hub decides when a Space sleeps.",
      {
        parameter: "sleepTimeout",
      },
    );
  if (rest.token === undefined)
    throw new AuthenticationError("Copying a Space needs a token that may write (role write). Pass it as token.");
  const sleep = costs ? (sleepTimeout ?? SLEEP_TIMEOUT) : undefined;
  return { copy: { from: reference.space, to, isPrivate, hardware, secrets, sleepTimeout: sleep }, rest };
}

/** Copies a Space, unless a Space of that name exists. */
async function copySpace(
  hub: Http,
  request: CopyRequest,
  signal: AbortSignal | undefined,
): Promise<{ space: string; existed: boolean }> {
  const { from, to = from.split("/")[1]!, sleepTimeout } = request;
  const wanted = to.includes("/") ? to : `${await tokenOwner(hub, signal)}/${to}`;
  const made = await createCopy(hub, request, wanted, signal);
  if (made === null) return { space: wanted, existed: true };
  if (sleepTimeout !== undefined) {
    const seconds = sleepTimeout === Infinity ? -1 : Math.ceil(sleepTimeout / 1_000);
    await hub.send({ path: `${spacePath({ space: made })}/sleeptime`, json: { seconds }, signal, idempotent: true });
  }
  return { space: made, existed: false };
}

/** Returns the owner of the token. */
async function tokenOwner(hub: Http, signal: AbortSignal | undefined): Promise<string> {
  const { body } = await hub.send({
    path: "api/whoami-v2",
    signal,
    idempotent: true,
    toError: ({ status, body: said }) => (status === 401 || status === 403 ? refused(status, said) : undefined),
  });
  const name = isFields(body) ? text(body["name"]) : null;
  if (name === null || name === "") throw new ProtocolError("The Hub gave no owner for the token.");
  return name;
}

/** Creates the copy and returns its id; `null` where a Space of that name exists. */
async function createCopy(
  hub: Http,
  { from, isPrivate, hardware, secrets }: CopyRequest,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const pairs = secrets && Object.entries(secrets).map(([key, value]) => ({ key, value }));
  try {
    const { body } = await hub.send({
      path: `${spacePath({ space: from })}/duplicate`,
      json: { repository: wanted, private: isPrivate, hardware, secrets: pairs },
      signal,
      toError: ({ status, body: said }) => {
        if (status === 401 || status === 403) return refused(status, said);
        if (status === 404)
          return new AuthenticationError(`The Hub has no Space "${from}" that you may read. Check the name.`, {
            status,
          });
        if (status === 400 || status === 402 || status === 422)
          return new SpaceError(`The Hub did not copy ${from} to ${wanted}: ${detail(said)}`, { status });
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
    `The Hub refused the token. Copying a Space needs a valid token that may write (role write).${said ? ` The Hub says: ${said}` : ""}`,
    { status },
  );
}
