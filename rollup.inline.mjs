import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { minifySync } from "vite";

/** Folder of a package of a third party, in the path of one of its modules, and the package's name. */
const installed = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;

/** Minifies, and adds what the file is and whose code is in it. */
const minify = (banner) => ({
  name: "minify",
  renderChunk(code) {
    const { map, errors, ...made } = minifySync("gradio-rx.min.js", code, { module: true, sourcemap: true });
    if (errors.length > 0) throw new Error(errors[0].message);
    return { code: made.code, map };
  },
  // Added last: a minifier removes comments. The map begins a line later.
  generateBundle(_, bundle) {
    const chunk = bundle["gradio-rx.min.js"];
    chunk.code = `${banner}\n${chunk.code}`;
    if (chunk.map) chunk.map.mappings = `;${chunk.map.mappings}`;
  },
});

/** Writes the licenses of the packages of third parties whose code is in the bundle. */
export const licenses = (fileName) => ({
  name: "licenses",
  generateBundle(_, bundle) {
    const modules = Object.values(bundle)
      .flatMap((chunk) => Object.entries(chunk.modules ?? {}))
      .filter(([, { renderedLength }]) => renderedLength > 0);
    const found = modules.map(([id]) => installed.exec(id));
    const folders = new Map(found.filter(Boolean).map(([, folder, name]) => [name, folder]));
    const texts = Array.from(folders, ([name, folder]) => {
      const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
      const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
    });
    if (texts.length > 0) this.emitFile({ type: "asset", fileName, source: texts.join("\n\n---\n\n") });
  },
});

/**
 * Makes `@gradio-rx/web/inline`: one minified ES module with everything inside, and without any `import()`. For pages without a
 * bundler, and for service workers, in which `import()` is forbidden.
 *
 * @param plugins - plugins that hand source maps to rollup.
 */
export function inline({ plugins, onwarn }) {
  const { version } = JSON.parse(readFileSync("packages/web/package.json", "utf8"));
  const dist = "packages/web/dist";
  return {
    input: "packages/web/.build/index.js",
    onwarn,
    plugins: [
      ...plugins,
      {
        name: "core",
        resolveId: (id) => {
          const [, entry] = /^@gradio-rx\/core(?:\/(.*))?$/.exec(id) ?? [];
          return id.startsWith("@gradio-rx/core")
            ? join(process.cwd(), `packages/core/.build/${entry ?? "index"}.js`)
            : null;
        },
      },
      // "es2015" selects the build of rxjs with classes, which is smaller.
      nodeResolve({ exportConditions: ["es2015", "browser", "import", "default"] }),
    ],
    output: {
      file: `${dist}/gradio-rx.min.js`,
      format: "es",
      inlineDynamicImports: true,
      sourcemap: true,
      // In an installed package, those of third parties are beside it.
      sourcemapPathTransform: (path, map) => {
        const [folder, , name] = installed.exec(join(dirname(map), path)) ?? [];
        return folder ? `../../../${name}/${relative(folder, join(dirname(map), path))}` : path;
      },
      plugins: [
        minify(
          `/*! @gradio-rx/web ${version} | MIT | contains rxjs (Apache-2.0), ky, eventsource-parser and leven (MIT): gradio-rx.min.js.LICENSE.txt */`,
        ),
        licenses("gradio-rx.min.js.LICENSE.txt"),
      ],
    },
  };
}
