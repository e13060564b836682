import type { TestProject } from "vitest/node";
import { Control, type Place } from "./control.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where tests ask for apps. */
    control: string;
    /** Which kind of app the contract suite runs over. */
    place: Place;
    /** Whether every fault strikes, or of those that are kin one. */
    allFaults: boolean;
  }
}

/** Starts what starts the apps; they are started when a test first asks for them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const control = new Control();
  project.provide("control", await control.start());
  return () => control.stop();
}
