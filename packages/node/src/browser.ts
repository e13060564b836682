// The entry for the export condition `browser`: of pages, where this package cannot run, and of Jest's jsdom, where it can.
import type * as Node from "./index.ts";

export * from "@gradio-rx/core";

/** The parts of Node's `process` that are used here. */
interface NodeProcess {
  versions?: { node?: string };
  getBuiltinModule?: (name: "node:module") => typeof import("node:module");
}

/** Loads the package in Node, outside of the realm of a test environment, whose globals are those of a page. */
function load(): typeof Node {
  const { process } = globalThis as { process?: NodeProcess };
  const node = process?.versions?.node === undefined ? undefined : process.getBuiltinModule?.("node:module");
  if (!node)
    throw new Error(
      "@gradio-rx/node does not run in a page. Import @gradio-rx/web instead, or @gradio-rx/client, which chooses the platform.",
    );
  return node.createRequire(import.meta.url)("./index.cjs") as typeof Node;
}

const loaded: typeof Node = load();

export const Client: typeof Node.Client = loaded.Client;
export const handleFile: typeof Node.handleFile = loaded.handleFile;
export const lazyClient: typeof Node.lazyClient = loaded.lazyClient;
export const nodeTransport: typeof Node.nodeTransport = loaded.nodeTransport;
