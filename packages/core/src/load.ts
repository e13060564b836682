import { ConnectionError } from "./errors.ts";

/**
 * Loads a part of the SDK that few pages need.
 *
 * @param load - imports the part.
 * @throws ConnectionError with `accepted: false` where it cannot be loaded, as in a page that is older than the deployment.
 */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (cause) {
    throw new ConnectionError(
      "A part of the SDK could not be loaded. Check the connection. Reload the page if it was deployed anew.",
      { cause, accepted: false },
    );
  }
}
