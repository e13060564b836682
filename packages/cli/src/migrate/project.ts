import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { Bindings } from "./bindings.ts";
import { exportsOf } from "./exports.ts";
import { Inference } from "./infer.ts";
import { type Kind, OLD } from "./kinds.ts";
import { endings, parseSource, type Source, type SyntaxFault } from "./parse.ts";

/** A file that is migrated. */
export interface Module {
  source: Source;
  inference: Inference;
}

/** A file that cannot be read as a program. */
export interface Unreadable {
  path: string;
  fault: SyntaxFault;
}

/** The files of one migration: those that import the old package, and those that import its values from them. */
export class Project {
  readonly unreadable: Unreadable[] = [];
  readonly #modules = new Map<string, Module>();
  readonly #exports = new Map<string, ReadonlyMap<string, Kind>>();

  /** Reads files. Of files that do not matter for the migration, only the text is read. */
  static async read(paths: readonly string[]): Promise<Project> {
    const project = new Project();
    let others = new Map<string, string>();
    for (const path of paths) {
      const bytes = await readFile(path);
      const text = bytes.toString("utf8");
      if (text.includes(OLD) && !isUtf8(bytes))
        project.unreadable.push({ path, fault: { line: 1, message: "It is not encoded in UTF-8" } });
      else if (text.includes(OLD)) project.#add(path, text);
      else others.set(path, text);
    }
    for (let found = [...project.#modules.keys()]; found.length > 0;) {
      const names = found.filter((path) => project.#exportsOf(path).size > 0).map(importedName);
      const next = [...others].filter(([, text]) => names.some((name) => text.includes(name)));
      for (const [path, text] of next) project.#add(path, text, true);
      others = new Map([...others].filter(([path]) => !next.some(([one]) => one === path)));
      found = next.map(([path]) => path).filter((path) => project.#modules.has(path));
    }
    return project;
  }

  /** Files that are migrated, in the order of their paths. */
  get modules(): Module[] {
    return [...this.#modules.values()].toSorted((one, other) => (one.source.path < other.source.path ? -1 : 1));
  }

  #add(path: string, text: string, isOptional = false): void {
    const source = parseSource(path, text);
    if ("message" in source) {
      if (!isOptional) this.unreadable.push({ path, fault: source });
      return;
    }
    const find = (specifier: string): ReadonlyMap<string, Kind> | null => {
      const target = this.#resolve(path, specifier);
      return target === null ? null : this.#exportsOf(target);
    };
    this.#modules.set(path, { source, inference: new Inference(source.nodes, new Bindings(source), find) });
  }

  #exportsOf(path: string): ReadonlyMap<string, Kind> {
    const known = this.#exports.get(path);
    if (known) return known;
    // Ends the search where modules import each other.
    this.#exports.set(path, new Map());
    const module = this.#modules.get(path);
    const exports = module ? exportsOf(module.inference) : new Map<string, Kind>();
    this.#exports.set(path, exports);
    return exports;
  }

  /** Returns the migrated file that a specifier names: a relative path, or one below an alias such as `@/` or `$lib/`. */
  #resolve(from: string, specifier: string): string | null {
    const isRelative = /^\.\.?(\/|$)/.test(specifier);
    const alias = /^(?:@|~|\$\w+|#)\/(.+)$/.exec(specifier)?.[1];
    if (!isRelative && alias === undefined) return null;
    if (isRelative) {
      const names = candidates(normalize(join(dirname(from), specifier)));
      return names.find((name) => this.#modules.has(name)) ?? null;
    }
    const names = candidates(alias!).map((name) => `/${name}`);
    const found = [...this.#modules.keys()].filter((path) => names.some((name) => path.endsWith(name)));
    return found.length === 1 ? found[0]! : null;
  }
}

function candidates(base: string): string[] {
  const plain = base.replace(/\.[cm]?jsx?$/, "");
  return [base, ...endings.flatMap((ending) => [`${base}${ending}`, `${plain}${ending}`, `${base}/index${ending}`])];
}

/** Returns the name by which other files import a file. */
function importedName(path: string): string {
  const [folder = "", file = ""] = path.split("/").slice(-2);
  const name = file.replace(/\.\w+$/, "");
  return name === "index" ? folder : name;
}
