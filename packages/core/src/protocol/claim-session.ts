import { InputError } from "../errors.ts";

/** Sessions that clients of this process read, by app and hash. */
const claimed = new Set<string>();

/** Claims a name for a page or a worker, until the signal is aborted. Resolves to `false` where another one holds it. */
export type ClaimName = (name: string, released: AbortSignal) => Promise<boolean>;

/** One claim. */
export interface SessionClaim {
  /** Address of the app: the same hash at another app is another session. */
  readonly app: URL;
  readonly hash: string;
  /** Aborted when the session is free again. */
  readonly released: AbortSignal;
  /** Claims the session in other pages and workers, where the platform has those. */
  readonly claimName: ClaimName | undefined;
}

/**
 * Claims a session. The app sends each message of a session to one reader only, so two clients with one hash would take each other's
 * messages (PROTOCOL.md, 2.5).
 *
 * @returns a promise that rejects with an InputError where another page or worker reads the session.
 * @throws InputError where a client of this process reads it.
 */
export function claimSession({ app, hash, released, claimName }: SessionClaim): Promise<void> {
  const name = `gradio-rx ${app.href} ${hash}`;
  if (claimed.has(name)) throw taken("in this process");
  claimed.add(name);
  const release = (): void => void claimed.delete(name);
  released.addEventListener("abort", release, { once: true });
  return claimElsewhere(name, released, claimName).catch((error: unknown) => {
    release();
    throw error;
  });
}

async function claimElsewhere(name: string, released: AbortSignal, claimName: ClaimName | undefined): Promise<void> {
  if (claimName && !(await claimName(name, released))) throw taken("in another page or worker");
}

function taken(where: string): InputError {
  return new InputError(
    `The session of this sessionHash is in use by another client ${where}. The app sends each message to one of them only. ` +
      "Close that client, or leave sessionHash out.",
    { parameter: "sessionHash" },
  );
}
