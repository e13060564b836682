import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { limits } from "./limits.ts";
import { measureRoad, type Road } from "./road.ts";
import { root } from "./sources.ts";

// `road.ts` describes how the road is measured. ARCHITECTURE.md prints it in two lines, which `npm run house -- road` writes:
//
//     down: core/client → …
//     back: core/http/body → …

let road: Road;
beforeAll(async () => {
  road = await measureRoad();
}, 60_000);

test.each(["down", "back"] as const)("the road of a call %s is as ARCHITECTURE.md says", (way) => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const line = text.split("\n").find((one) => one.startsWith(`    ${way}: `));
  expect(line?.slice(`    ${way}: `.length).split(" → ")).toEqual(road[way]);
});

test.each(["down", "back"] as const)("a call passes no more files %s than the limit", (way) => {
  expect(road[way].length, road[way].join(" → ")).toBeLessThanOrEqual(limits[way].limit);
});
