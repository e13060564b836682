import { AuthenticationError, ProtocolError, SpaceError } from "../errors.ts";
import { fieldsOf, printable, text } from "../fields.ts";
import { encodePart, isPlainUrl } from "../http/urls.ts";
import { type Answer, Http, type HttpSettings } from "../http/request.ts";
import { detail } from "../http/errors.ts";
import type { SpaceStatus } from "../options.ts";

/** Name of a Space: its id `owner/name`, or the part of its host before `.hf.space`. */
export type SpaceName = { space: string } | { subdomain: string };

/** State of a Space, as the Hub describes it. */
export interface SpaceRecord {
  /** `owner/name`. */
  id: string;
  isPrivate: boolean;
  /** Stage as the Hub names it, such as `"RUNNING"`; `null` where the Hub gives none. */
  stage: string | null;
  /** Reason why it does not run, as the Hub gives it, at most 200 characters; or `null`. */
  problem: string | null;
}

/** Makes the client of the Hub. It sends the token, but neither cookies nor the caller's headers, which are for the app. */
export function hubHttp(settings: Omit<HttpSettings, "base">, base: URL): Http {
  const { token } = settings.credentials;
  return new Http({ ...settings, base, cookies: false, credentials: { token } });
}

/**
 * Asks the Hub for the address of a Space (PROTOCOL.md, 1.8). It cannot be derived from the name.
 *
 * @param space - `owner/name`.
 * @throws AuthenticationError for a Space that does not exist or that the token may not read: the Hub does not distinguish
 *   these.
 */
export async function findSpace(hub: Http, space: string, signal: AbortSignal | undefined): Promise<URL> {
  const { body } = await askAboutSpace(
    hub,
    { space },
    { path: `${spacePath({ space })}/host`, signal, idempotent: true },
  );
  const host = text(fieldsOf(body)["host"]);
  const url = host !== null && URL.canParse(host) ? new URL(host) : undefined;
  if (!url || !isPlainUrl(url)) throw new ProtocolError(`The Hub gave no valid address for the Space "${space}".`);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/**
 * Asks the Hub for the state of a Space. This does not wake the Space.
 *
 * @throws AuthenticationError as {@link findSpace}.
 */
export async function readSpace(
  hub: Http,
  name: SpaceName,
  options: { signal: AbortSignal | undefined; idempotent?: boolean },
): Promise<SpaceRecord> {
  const { body } = await askAboutSpace(hub, name, { path: spacePath(name), ...options });
  const record = fieldsOf(body);
  const runtime = fieldsOf(record["runtime"]);
  const problem = text(runtime["errorMessage"]);
  return {
    id: text(record["id"]) ?? ("space" in name ? name.space : name.subdomain),
    isPrivate: record["private"] === true,
    stage: text(runtime["stage"]),
    problem: problem === null ? null : hub.quote(problem),
  };
}

/** Returns the path of a Space in the Hub's API. */
export function spacePath(name: SpaceName): string {
  return "space" in name
    ? `api/spaces/${name.space.split("/").map(encodePart).join("/")}`
    : `api/spaces/by-subdomain/${encodePart(name.subdomain)}`;
}

/**
 * Sends a request about a Space to the Hub.
 *
 * @throws AuthenticationError as {@link findSpace}.
 */
export function askAboutSpace(
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
        `The Hub has no Space "${called}" that you may read. Check the name. ${cure}${said ? ` The Hub says: ${said}` : ""}`,
        { status },
      );
    },
  });
}

/** Status for each stage of the Hub (PROTOCOL.md, 1.8). */
const statuses: Readonly<Record<string, SpaceStatus["status"]>> = {
  RUNNING: "running",
  RUNNING_BUILDING: "running",
  RUNNING_APP_STARTING: "running",
  BUILDING: "building",
  APP_STARTING: "starting",
  SLEEPING: "sleeping",
  STOPPED: "sleeping",
  PAUSED: "paused",
  NO_APP_FILE: "failed",
  CONFIG_ERROR: "failed",
  BUILD_ERROR: "failed",
  RUNTIME_ERROR: "failed",
  DELETING: "failed",
};

/** Advice for the owner, by stage. */
const remedies: Readonly<Record<string, string>> = {
  NO_APP_FILE: "It has no app file: its owner has to add the file that its configuration names, such as app.py.",
  CONFIG_ERROR: "Its configuration is invalid: its owner has to correct the metadata in its README.md.",
  BUILD_ERROR: "Its build failed: its owner finds the reason in its build logs, and has to correct it.",
  RUNTIME_ERROR: "Its app crashed: its owner finds the reason in its container logs, and can restart it.",
  DELETING: "It is being deleted: use another Space, or a copy.",
};

/** Returns the status of a Space with a message. An unknown stage counts as one to wait in. */
export function statusOf({ id, stage }: { id: string; stage: string }): SpaceStatus {
  const status = Object.hasOwn(statuses, stage) ? statuses[stage]! : "starting";
  const sentences: Record<SpaceStatus["status"], string> = {
    sleeping: "is asleep and is being woken",
    building: "is being built",
    starting: "is starting",
    running: "is running",
    paused: "is paused",
    failed: "cannot run",
  };
  return { spaceId: id, stage, status, message: printable(`The Space ${id} ${sentences[status]} (${stage}).`) };
}

/** Makes the error for a Space that does not start by waiting. */
export function cannotRun({ id, stage, problem }: SpaceRecord, cause: unknown): SpaceError {
  const paused = `Only its owner can restart it, on its page. Client.duplicate("${id}") makes a copy under your account.`;
  const remedy = stage === "PAUSED" ? paused : (remedies[stage ?? ""] ?? "Only its owner can help.");
  const why = problem === null ? "" : ` The Hub says: ${problem}`;
  const state = stage === "PAUSED" ? "is paused" : "cannot run";
  return new SpaceError(`The Space ${id} ${state} (${stage}). ${remedy}${why}`, { stage, cause });
}

/** Makes the error for a Space that did not start in time. */
export function tooSlow({ id, stage }: SpaceRecord, timeout: number, cause: unknown): SpaceError {
  const longer = "Connect again later, or with a longer spaceTimeout";
  const owner = "if it never starts, its owner finds the reason in the logs on its page";
  return new SpaceError(
    `The Space ${id} did not start within ${Math.round(timeout / 1000)} s; it is ${stage}. ${longer}; ${owner}.`,
    { stage, cause },
  );
}
