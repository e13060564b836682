import type { Adapter, AdapterName } from "./adapter.ts";

/** Loads an adapter and its dependencies; `py` runs in a process of its own. */
export async function load(name: Exclude<AdapterName, "py">): Promise<Adapter> {
  if (name === "floor" || name === "dutiful") return (await import("./floor.ts"))[name];
  if (name === "js") return (await import("./rival.ts")).rival;
  return (await import("./ours.ts")).adapters[name];
}
