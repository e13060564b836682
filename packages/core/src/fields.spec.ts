import { expect, test } from "vitest";
import { listed } from "./fields.ts";

test("an error lists at most ten names, and says how many more there are", () => {
  const names = Array.from({ length: 500 }, (_, index) => `n${index}`);
  expect(listed(names)).toBe("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 490 more");
  expect(listed(names.slice(0, 10))).toBe("n0, n1, n2, n3, n4, n5, n6, n7, n8, n9");
  expect(listed([])).toBe("none");
  expect(listed(["a", "b"], "; ")).toBe("a; b");
});

test("a name of a million characters is cut where an error lists it", () => {
  expect(listed(["x".repeat(1_000_000), "b"])).toBe(`${"x".repeat(200)}…, b`);
});
