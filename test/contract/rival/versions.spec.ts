import * as rival from "@gradio/client";
import * as compat from "@gradio-rx/compat";
import { expect, onTestFinished, test, vi } from "vitest";
import { versions } from "../node/rival/versions.ts";
import { place } from "../place.ts";

// The table of packages/compat has these behaviours: node/rival/behaviours.spec.ts writes it.
const { situation, script, ours, theirs } = versions[place]!;

test(`${situation}: ${ours}; with @gradio/client: ${theirs}`, async () => {
  for (const method of ["log", "warn", "error", "info"] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined);
  onTestFinished(() => void vi.restoreAllMocks());
  expect([await script(compat), await script(rival)]).toEqual([ours, theirs]);
});
