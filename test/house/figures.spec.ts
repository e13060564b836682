import { expect, test } from "vitest";
import { figures, valuesOf } from "./figures.ts";
import { limits } from "./limits.ts";

const values = valuesOf(figures());

test.each(Object.entries(values))("%s: the figure is within its limit", (figure, value) => {
  const { name, limit } = limits[figure as keyof typeof values];
  expect(value, `${name} (npm run house -- ${figure} lists them)`).toBeLessThanOrEqual(limit);
});

test("no limit is below its target", () => {
  expect(Object.values(limits).filter(({ limit, target }) => limit < target)).toEqual([]);
});
