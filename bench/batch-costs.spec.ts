import { expect, test, vi } from "vitest";
import { costsOf, GROUP, GROWTH, kinds } from "./batch/sizes.ts";

vi.setConfig({ testTimeout: 300_000 });

/** Maximum number of commands to Redis for an input: fetch and complete, ask (2), record, and its share of a group that is added. */
const COMMANDS = 6;

// Counts, which hardly depend on the machine. `npm run bench -- --only batch` goes on to a million inputs.
test.each(kinds)("with a store in %s, an input of 10,000 costs no more than one of 1,000", async (kind) => {
  const small = await costsOf(kind, 1_000);
  const large = await costsOf(kind, 10_000);
  expect(large.commands).toBeLessThanOrEqual(GROWTH * small.commands);
  expect(large.commands).toBeLessThanOrEqual(COMMANDS);
  expect(large.bytes).toBeLessThanOrEqual(GROWTH * small.bytes);
  expect(large.heap).toBeLessThanOrEqual(GROWTH * small.heap);
  expect([small.lookups, large.lookups]).toEqual([1_000 / GROUP, 10_000 / GROUP]);
  expect(large.rerun).toBeLessThan(0.1);
});
