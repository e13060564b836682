import { SpaceError } from "../errors.ts";
import { quote } from "../http/errors.ts";
import type { SpaceStatus } from "../options.ts";
import type { SpaceRecord } from "./space.ts";

/** What each of the Hub's stages means (PROTOCOL.md, 1.8). */
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

/** What the owner can do, by stage. */
const remedies: Readonly<Record<string, string>> = {
  NO_APP_FILE: "It has no app: its owner has to add the file that its configuration names, such as app.py.",
  CONFIG_ERROR: "Its configuration is wrong: its owner has to correct the head of its README.md.",
  BUILD_ERROR: "Its build failed: its owner finds the reason in its build logs, and has to correct it.",
  RUNTIME_ERROR: "Its app crashed: its owner finds the reason in its container logs, and can restart it.",
  DELETING: "It is being deleted: use another Space, or a copy.",
};

/** How a Space does, in words. A stage that nobody knows counts as one to wait in. */
export function statusOf({ id, stage }: { id: string; stage: string }): SpaceStatus {
  const status = Object.hasOwn(statuses, stage) ? statuses[stage]! : "starting";
  const sentences: Record<SpaceStatus["status"], string> = {
    sleeping: "is asleep, and is being woken",
    building: "is being built",
    starting: "is starting",
    running: "is running",
    paused: "is paused",
    failed: "cannot run",
  };
  return { spaceId: id, stage, status, message: `The Space ${id} ${sentences[status]} (${stage}).` };
}

/** The error for a Space that will not come by waiting. */
export function cannotRun({ id, stage, problem }: SpaceRecord, cause: unknown): SpaceError {
  const paused = `Only its owner can restart it, on its page; Client.duplicate("${id}") makes a copy of your own.`;
  const remedy = stage === "PAUSED" ? paused : (remedies[stage ?? ""] ?? "Only its owner can help.");
  const why = problem === null ? "" : ` The Hub says: ${quote(problem)}`;
  const state = stage === "PAUSED" ? "is paused" : "cannot run";
  return new SpaceError(`The Space ${id} ${state} (${stage}). ${remedy}${why}`, { stage, cause });
}

/** The error for a Space that did not come in time. */
export function tooSlow({ id, stage }: SpaceRecord, patience: number, cause: unknown): SpaceError {
  const longer = "It may still come: connect again later, or with a longer spaceTimeout";
  const owner = "if it never comes, its owner finds the reason in the logs on its page";
  return new SpaceError(
    `The Space ${id} did not start within ${Math.round(patience / 1000)} s; it is ${stage}. ${longer}; ${owner}.`,
    { stage, cause },
  );
}
