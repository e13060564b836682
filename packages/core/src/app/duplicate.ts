import { AuthenticationError, GradioError, ProtocolError, SpaceError } from "../errors.ts";
import { isFields, text } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { detail } from "../http/status.ts";
import { pathOf } from "./space.ts";

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
    await hub.send({ path: `${pathOf({ space: made })}/sleeptime`, json: { seconds }, signal, repeat: true });
  }
  return { space: made, existed: false };
}

/** Whose token it is. */
async function ownName(hub: Http, signal: AbortSignal | undefined): Promise<string> {
  const { body } = await hub.send({
    path: "api/whoami-v2",
    signal,
    repeat: true,
    refusal: ({ status, body: said }) => (status === 401 || status === 403 ? refused(status, said) : undefined),
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
      refusal: ({ status, body: said }) => {
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
