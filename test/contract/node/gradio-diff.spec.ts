import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyEdits } from "../../../packages/core/src/wire/diff.ts";

/** Values that shrink and grow as tables and chats do: nested lists, objects, texts. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.integer({ min: 2, max: 9 }), fc.string({ maxLength: 4 }), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

/** A value, and a later one with small changes: the next output of a generator. */
const pair = fc.tuple(value, value, fc.infiniteStream(fc.nat(6))).map(([old, other, dice]) => {
  const roll = (): number => dice.next().value!;
  const change = (part: unknown): unknown => {
    if (roll() === 0) return other;
    if (typeof part === "string") return roll() < 3 ? `${part}+` : part;
    if (Array.isArray(part))
      return part.slice(0, roll() < 3 ? Math.max(0, part.length - roll()) : part.length).map(change);
    if (typeof part !== "object" || part === null) return part;
    const kept = Object.entries(part).filter(() => roll() > 1);
    return Object.fromEntries(kept.map(([key, inner]) => [key, change(inner)]));
  };
  return [old, change(old)] as const;
});

test("the edits of Gradio's own diff function lead from one value to the other", () => {
  const pairs = fc.sample(pair, 20_000);
  const script = fileURLToPath(new URL("gradio-diff.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.env["GRADIO_PYTHON"]!, [script], {
    input: pairs.map((one) => `${JSON.stringify(one)}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 512 * 1024 * 1024,
    env: { ...process.env, GRADIO_ANALYTICS_ENABLED: "False" },
  });
  expect(status, stderr).toBe(0);
  const edits = stdout.trim().split("\n");
  expect(edits).toHaveLength(pairs.length);
  let deletes = 0;
  pairs.forEach(([old, next], index) => {
    const list = JSON.parse(edits[index]!) as [string, unknown[], unknown][];
    deletes += list.filter(([operation]) => operation === "delete").length;
    expect(applyEdits(old, list).value, JSON.stringify([old, next, list])).toEqual(next);
  });
  expect(deletes).toBeGreaterThan(1_000);
}, 120_000);
