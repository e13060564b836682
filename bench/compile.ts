import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Where this package is. */
export const here: string = fileURLToPath(new URL(".", import.meta.url));

/** Packages that a sample loads as a user's program does: from `node_modules`, as they were built. */
const external = ["@gradio-rx/node", "@gradio/client", "rxjs"];

/**
 * Compiles the sample to plain JavaScript, so that no sample pays for reading TypeScript.
 *
 * @returns the path of the program.
 */
export async function compileSample(): Promise<string> {
  const outDir = `${here}.build`;
  await build({
    root: here,
    configFile: false,
    logLevel: "error",
    ssr: { external },
    build: {
      ssr: `${here}sample/main.ts`,
      outDir,
      target: "node22",
      rolldownOptions: { output: { entryFileNames: "sample.js", minify: false } },
    },
  });
  return `${outDir}/sample.js`;
}
