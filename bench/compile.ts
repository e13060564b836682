import { fileURLToPath } from "node:url";
import { build } from "vite";

/** Folder of this package. */
export const here: string = fileURLToPath(new URL(".", import.meta.url));

/** Packages that a sample loads like a user's program: from `node_modules`, as they were built. */
const external = ["@gradio-rx/node", "@gradio/client", "rxjs"];

/**
 * Compiles the sample to JavaScript, so that loading TypeScript is not measured.
 *
 * @param purpose - names a folder of its own: the bench and its spec may run at the same time.
 * @returns the path of the program.
 */
export async function compileSample(purpose: string): Promise<string> {
  const outDir = `${here}.build/${purpose}`;
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
