// The entry for the export condition `browser`: of pages, where this package cannot run, and of Jest's jsdom, where it can.
import type * as Node from "./index.ts";

export * from "@gradio-rx/core";

/** The parts of Node's `process` that are used here. */
interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?: (name: "node:vm") => typeof import("node:vm");
}

/**
 * Loads the package in Node, outside of the realm of a test environment, whose globals are those of a page. Jest replaces the module
 * `node:module` by one that loads into its own realm. Only code that `node:vm` runs gets the module of Node.
 */
function load(): typeof Node {
  const { process } = globalThis as { process?: NodeProcess };
  const vm = process?.versions?.node === undefined ? undefined : process.getBuiltinModule?.("node:vm");
  if (!vm)
    throw new Error(
      "@gradio-rx/node does not run in a page. Import @gradio-rx/web instead, or @gradio-rx/client, which chooses the platform.",
    );
  const { createRequire } = vm.runInThisContext(
    'process.getBuiltinModule("node:module")',
  ) as typeof import("node:module");
  return createRequire(import.meta.url)("./index.cjs") as typeof Node;
}

const loaded: typeof Node = load();

export const Client: typeof Node.Client = loaded.Client;
export const handleFile: typeof Node.handleFile = loaded.handleFile;
export const lazyClient: typeof Node.lazyClient = loaded.lazyClient;
export const nodeTransport: typeof Node.nodeTransport = loaded.nodeTransport;
