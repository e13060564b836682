import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

/** Files of one entry, by the ways in which it is imported. */
interface Entry {
  import: { default: string };
  require: { default: string; types: string };
}

interface Manifest {
  files: string[];
  exports: Record<string, Entry | { default: Entry }>;
}

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(root, "packages", ...path), "utf8"));
}

test.each(["core", "web", "node", "client", "batch"])(
  "each path of %s is also a folder, for tools that do not read exports, such as Parcel and TypeScript with node10",
  (name) => {
    const { exports, files } = read(name, "package.json") as Manifest;
    const paths = Object.keys(exports).filter((path) => path !== "." && path !== "./package.json");
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      const given = exports[path]!;
      const entry = "default" in given ? given.default : given;
      const folder = path.slice(2);
      expect(files).toContain(folder);
      expect(read(name, folder, "package.json")).toEqual({
        main: `.${entry.require.default}`,
        module: `.${entry.import.default}`,
        types: `.${entry.require.types}`,
      });
    }
  },
);
