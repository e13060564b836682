import { readFileSync } from "node:fs";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** Sums up the time of a CPU profile by file or package, then by function. Ignores idle time and the profiler. */
export function summary(path: string): string {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, "utf8")) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  let whole = 0;
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = byId.get(id)!;
    if (["(idle)", "(root)", "(program)"].includes(functionName) || url === "node:inspector") return;
    const time = timeDeltas[index] ?? 0;
    whole += time;
    const place = placeOf(url, functionName);
    add(places, place, time);
    add(functions, `${functionName || "(anonymous)"}  ${place}:${lineNumber + 1}`, time);
  });
  const top = (map: Map<string, number>, count: number): string[] =>
    Array.from(map)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, time]) => `  ${((time / whole) * 100).toFixed(1).padStart(5)} %  ${name}`);
  return [`${(whole / 1_000).toFixed(1)} ms`, ...top(places, 12), "", ...top(functions, 30)].join("\n");
}

function placeOf(url: string, name: string): string {
  if (url === "") return name.startsWith("(") ? name : "(built in)";
  if (url.startsWith("node:")) return url.startsWith("node:internal/deps/undici") ? "undici" : url;
  const [, inside] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  return inside ?? url.split("/").slice(-3).join("/");
}

function add(map: Map<string, number>, key: string, time: number): void {
  map.set(key, (map.get(key) ?? 0) + time);
}
