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
  const [core, web, node, client] = ["core", "web", "node", "client"].map((name) => tarballOf(`gradio-rx-${name}`));
  console.log(`\nThe packages are in ${packed}. To install the client in your project:\n`);
  console.log(`  npm install rxjs ${[core, web, node, client].join(" ")}`);
  return true;
}
