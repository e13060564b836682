// Packs the packages as they would be published, so that a project can install them from this clone.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run, windows } from "./process.mjs";

/** Folder of the tarballs. */
export const packed = join(root, "packed");

/** Packs every package into `packed/`, and prints how to install them. Returns whether it succeeded. */
export function pack() {
  rmSync(packed, { recursive: true, force: true });
  mkdirSync(packed);
  const args = ["-r", "--filter", "./packages/*", "pack", "--pack-destination", packed];
  if (!run("pnpm", args, { shell: windows, stdio: ["ignore", "ignore", "inherit"] })) return false;
  const tarballOf = (name) =>
    join(
      packed,
      readdirSync(packed).find((file) => new RegExp(`^${name}-\\d`).test(file)),
    );
  const install = (...names) => console.log(`  npm install rxjs ${names.map((name) => tarballOf(name)).join(" ")}\n`);
  console.log(`\nThe packages are in ${packed}. To install the client in your project:\n`);
  install("gradio-rx-core", "gradio-rx-web", "gradio-rx-node", "gradio-rx-client");
  console.log("To install the hooks for React, or the composables for Vue:\n");
  install("gradio-rx-core", "gradio-rx-web", "gradio-rx-react");
  install("gradio-rx-core", "gradio-rx-web", "gradio-rx-vue");
  console.log("To install the app server for tests, or the command line (run it with npx gradio-rx):\n");
  install("gradio-rx-core", "gradio-rx-testing");
  install("gradio-rx-core", "gradio-rx-node", "gradio-rx");
  console.log("To install batches, or the interface of @gradio/client:\n");
  install("gradio-rx-core", "gradio-rx-node", "gradio-rx-batch");
  install("gradio-rx-core", "gradio-rx-web", "gradio-rx-node", "gradio-rx-client", "gradio-rx-compat");
  return true;
}
