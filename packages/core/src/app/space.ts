import { AuthenticationError, ProtocolError } from "../errors.ts";
import { isFields, text } from "../fields.ts";
import type { Http } from "../http/request.ts";

/**
 * Asks the Hub where a Space is (PROTOCOL.md, 1.8). The address is the Hub's to tell, and is never made from the name.
 *
 * @param hub - sends requests to the Hub, with the token and nothing else of the caller's.
 * @param space - `owner/name`.
 * @throws AuthenticationError for a Space that does not exist, or is private to somebody else: the Hub does not tell which.
 */
export async function findSpace(hub: Http, space: string, signal: AbortSignal | undefined): Promise<URL> {
  const { body } = await hub.send({
    path: `api/spaces/${space.split("/").map(encodeURIComponent).join("/")}/host`,
    signal,
    repeat: true,
    refusal: ({ status }) =>
      status === 401 || status === 403 || status === 404
        ? new AuthenticationError(
            `The Hub knows no Space "${space}" that you may see. Look at the name; a private Space needs a token.`,
            { status },
          )
        : undefined,
  });
  const host = isFields(body) ? text(body["host"]) : null;
  if (host === null || !/^https?:\/\//.test(host) || !URL.canParse(host))
    throw new ProtocolError(`The Hub does not say where the Space "${space}" is.`);
  const url = new URL(host);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}
