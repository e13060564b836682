import { AuthenticationError, ProtocolError } from "../errors.ts";
import { fieldsOf, text } from "../fields.ts";
import { isPlainUrl } from "../http/urls.ts";
import type { Answer, Http } from "../http/request.ts";
import { detail } from "../http/errors.ts";

/** What a Space is called by: its id `owner/name`, or what stands before `.hf.space` in its address. */
export type SpaceName = { space: string } | { subdomain: string };

/** What the Hub knows of a Space. */
export interface SpaceRecord {
  /** `owner/name`. */
  id: string;
  isPrivate: boolean;
  /** The Hub's word for its state; `null` where it says nothing. */
  stage: string | null;
  /** Why it does not run, in the Hub's words; `null` where it says nothing. */
  problem: string | null;
}

/**
 * Asks the Hub where a Space is (PROTOCOL.md, 1.8). The address is the Hub's to tell, and is never made from the name.
 *
 * @param hub - sends requests to the Hub, with the token and nothing else of the caller's.
 * @param space - `owner/name`.
 * @throws AuthenticationError for a Space that does not exist, or is private to somebody else: the Hub does not tell which.
 */
export async function findSpace(hub: Http, space: string, signal: AbortSignal | undefined): Promise<URL> {
  const { body } = await askOf(hub, { space }, { path: `${pathOf({ space })}/host`, signal, idempotent: true });
  const host = text(fieldsOf(body)["host"]);
  const url = host !== null && URL.canParse(host) ? new URL(host) : undefined;
  if (!url || !isPlainUrl(url)) throw new ProtocolError(`The Hub does not say where the Space "${space}" is.`);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/**
 * Asks the Hub what a Space is and how it does. Asking does not wake it.
 *
 * @throws AuthenticationError as {@link findSpace}.
 */
export async function readSpace(
  hub: Http,
  name: SpaceName,
  options: { signal: AbortSignal | undefined; idempotent?: boolean },
): Promise<SpaceRecord> {
  const { body } = await askOf(hub, name, { path: pathOf(name), ...options });
  const record = fieldsOf(body);
  const runtime = fieldsOf(record["runtime"]);
  return {
    id: text(record["id"]) ?? ("space" in name ? name.space : name.subdomain),
    isPrivate: record["private"] === true,
    stage: text(runtime["stage"]),
    problem: text(runtime["errorMessage"]),
  };
}

/** The path of a Space in the Hub's API. */
export function pathOf(name: SpaceName): string {
  return "space" in name
    ? `api/spaces/${name.space.split("/").map(encodeURIComponent).join("/")}`
    : `api/spaces/by-subdomain/${encodeURIComponent(name.subdomain)}`;
}

/**
 * Asks the Hub something about a Space.
 *
 * @throws AuthenticationError as {@link findSpace}.
 */
export function askOf(
  hub: Http,
  name: SpaceName,
  request: { path: string; signal: AbortSignal | undefined; idempotent?: boolean },
): Promise<Answer> {
  return hub.send({
    ...request,
    toError: ({ status, body }) => {
      if (status !== 401 && status !== 403 && status !== 404) return undefined;
      const called = "space" in name ? name.space : `${name.subdomain}.hf.space`;
      const cure =
        hub.settings.credentials.token === undefined
          ? "A private Space needs a token with the right to read it (role read, or fine-grained with read access to its contents)."
          : "The token must be valid and have the right to read this Space (role read, or fine-grained with read access to its contents).";
      const said = detail(body);
      return new AuthenticationError(
        `The Hub knows no Space "${called}" that you may see. Look at the name. ${cure}${said ? ` The Hub says: ${said}` : ""}`,
        { status },
      );
    },
  });
}
