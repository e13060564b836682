import type { Reference, Variable } from "@typescript-eslint/scope-manager";
import type { Node } from "oxc-parser";
import type { Source } from "./parse.ts";

/** Variables of a program, by the identifiers that name them. */
export class Bindings {
  readonly #variables = new Map<unknown, Variable>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
    for (const { variables, references } of source.scopes.scopes) {
      for (const variable of variables) for (const name of variable.identifiers) this.#variables.set(name, variable);
      for (const { identifier, resolved } of references) if (resolved) this.#variables.set(identifier, resolved);
    }
  }

  /** Returns the variable that an identifier names; `undefined` for a global one, and for a name that is not a variable. */
  of(identifier: Node): Variable | undefined {
    return this.#variables.get(identifier);
  }

  /** Whether a name is used for a variable or a type other than the given one, or for a global one. */
  isTaken(name: string, except?: Variable): boolean {
    const { scopes, globalScope } = this.#source.scopes;
    return (
      scopes.some(({ variables }) =>
        variables.some((one) => one.name === name && one !== except && one.defs.length > 0),
      ) ||
      (globalScope?.through.some(({ identifier }) => identifier.name === name) ?? false)
    );
  }
}

/** Returns the node of a reference. */
export function nodeOf(reference: Reference): Node {
  return reference.identifier as unknown as Node;
}

/** Returns the references of a variable, but for its declaration. */
export function usesOf(variable: Variable): Node[] {
  return variable.references.filter(({ init }) => init !== true).map(nodeOf);
}
