/** An entry of a package: its subpath, the specifier that programs import, and its files of types and of code. */
export interface Entry {
  subpath: string;
  specifier: string;
  types: string[];
  code: string[];
}

/** A published package: the name of its folder, the folder, and its package.json. */
export interface Published {
  name: string;
  folder: string;
  manifest: Readonly<Record<string, unknown>> & { name: string; version: string };
}

/** Returns the packages that are published, in the order of their names. */
export function publishedPackages(): Published[];

/** Returns the subpaths that programs can import from a package, without that of package.json. */
export function entriesOf(manifest: Readonly<Record<string, unknown>>): Entry[];
