import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { Control, type Place } from "./control.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL at which tests request apps. */
    control: string;
    /** Kind of app that the contract suite runs against. */
    place: Place;
    /** Name of the turn that a file waits for (turn.ts). */
    turn: string;
    /** Whether every fault runs, or one of each kind. */
    allFaults: boolean;
  }
}

/** Starts the server that starts apps when a test first requests them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Programs that tests start load the sources of the packages: the cache halves the processor time of a short one.
  process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("../../.cache/node", import.meta.url));
  const control = new Control();
  project.provide("control", await control.start());
  return () => control.stop();
}
