import { InputError } from "../errors.ts";

/** Sessions that clients of this process read, by app and hash. */
const claimed = new Set<string>();

/**
 * Claims a session, until the signal is aborted. The app sends each message of a session to one reader only, so two clients with one
 * hash would take each other's messages (PROTOCOL.md, 2.5). A page or a worker that ends frees its sessions.
 *
 * @param app - address of the app: the same hash at another app is another session.
 * @returns a promise that rejects with an InputError where another page or worker of the same origin reads the session.
 * @throws InputError where a client of this process reads it.
 */
export function claimSession(app: URL, hash: string, released: AbortSignal): Promise<void> {
  const name = `gradio-rx ${app.href} ${hash}`;
  if (claimed.has(name)) throw taken("in this process");
  claimed.add(name);
  const release = (): void => void claimed.delete(name);
  released.addEventListener("abort", release, { once: true });
  const claiming = lock(name, released);
  // A claim that failed is given up.
  claiming.catch(release);
  return claiming;
}

function lock(name: string, released: AbortSignal): Promise<void> {
  // Pages and workers have locks, and some versions of Node; pages without TLS have none.
  const { locks } = (globalThis.navigator as Partial<Navigator> | undefined) ?? {};
  if (!locks) return Promise.resolve();
  return new Promise((resolve, reject) => {
    locks
      .request(name, { ifAvailable: true }, (held) => {
        if (!held) {
          reject(taken("in another page or worker"));
          return undefined;
        }
        resolve();
        return new Promise<void>((end) => {
          if (released.aborted) end();
          else released.addEventListener("abort", () => end(), { once: true });
        });
      })
      // A document without an origin has no locks.
      .catch(() => resolve());
  });
}

function taken(where: string): InputError {
  return new InputError(
    `The session of this sessionHash is in use by another client ${where}. The app sends each message to one of them only. ` +
      "Close that client, or leave sessionHash out.",
    { parameter: "sessionHash" },
  );
}
