import { expect, test } from "vitest";
import { arrange } from "../../src/arguments.ts";

test("an error about an unknown parameter lists at most ten names", () => {
  const parameters = Array.from({ length: 12 }, (_, at) => ({ name: `p${at}`, hasDefault: true, default: at }));
  const endpoint = { name: "/many", parameters, slots: parameters.map((_, at) => at) } as never;
  expect(arrange(endpoint, { p3: "given" })[3]).toBe("given");
  expect(() => arrange(endpoint, { q: 1 })).toThrow(
    "/many has no parameter q. Its parameters: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 2 more.",
  );
});
