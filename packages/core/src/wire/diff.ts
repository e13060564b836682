import { ProtocolError } from "../errors.ts";

/** Keys and indexes that lead from a value to a part of it. */
export type Path = readonly (string | number)[];

/** One edit that fitted its value. A delete has no value. */
export type Edit = readonly [operation: string, path: Path, value?: unknown];

/** A value after edits, and the paths at which it differs from the previous one. */
export interface Edited {
  value: unknown;
  paths: Path[];
  /** The edits that were applied. */
  edits: readonly Edit[];
}

type Container = unknown[] | Record<string, unknown>;

/**
 * Applies the edits of one output (PROTOCOL.md, 4) to its last value, which is not modified. Containers along the path of an
 * edit are copied; all other parts are shared.
 *
 * @param base - the output's last value.
 * @param edits - untrusted list of `[operation, path, value]`; `[]` leaves the value as it is.
 * @throws ProtocolError for a malformed edit, and for one that does not fit the value.
 */
export function applyEdits(base: unknown, edits: unknown): Edited {
  if (!isList(edits)) throw new ProtocolError("The app sent a diff that is not a list of edits.");
  // The root is an array of one element, so that an empty path needs no special case.
  const root: [unknown] = [base];
  // A single edit visits each container once, so no container is a copy yet.
  if (edits.length === 1) {
    const path = apply(root, edits[0], null);
    return { value: root[0], paths: [path], edits };
  }
  const own = new Set<Container>();
  const paths = edits.map((edit: unknown) => apply(root, edit, own));
  return { value: root[0], paths, edits };
}

/** Whether a value is a list. `apply` checks the edits in it. */
function isList(value: unknown): value is readonly Edit[] {
  return Array.isArray(value);
}

function appended(text: unknown, more: unknown): string {
  if (typeof text !== "string" || typeof more !== "string") throw misfit("text for a value that is not a text");
  return text + more;
}

/** Applies one edit, and returns the path of the changed part. */
function apply(root: [unknown], edit: unknown, own: Set<Container> | null): Path {
  if (!Array.isArray(edit) || !Array.isArray(edit[1])) throw misfit("a malformed edit");
  const path: unknown[] = edit[1];
  if (!isPath(path)) throw misfit("an edit with an invalid path");
  let parent: Container = root;
  let key: string | number = 0;
  for (const next of path) {
    parent = descend(parent, key, own);
    key = next;
  }
  const place = change(parent, edit[0], key, edit[2]);
  return place === key ? path : [...path.slice(0, -1), place];
}

function isPath(value: unknown[]): value is (string | number)[] {
  return value.every((key) => typeof key === "string" || Number.isInteger(key));
}

/** Returns the container under a key, which is replaced by a copy unless it is one already. */
function descend(parent: Container, key: string | number, own: Set<Container> | null): Container {
  const child = read(parent, key);
  if (!isContainer(child)) throw misfit("an edit inside a value without parts");
  if (own?.has(child)) return child;
  const copy = Array.isArray(child) ? child.slice() : { ...child };
  own?.add(copy);
  write(parent, key, copy);
  return copy;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

/** Applies one operation to a copied container, and returns the changed key or index. */
function change(parent: Container, operation: unknown, key: string | number, value: unknown): string | number {
  switch (operation) {
    case "replace":
      read(parent, key);
      write(parent, key, value);
      return key;
    case "append":
      write(parent, key, appended(read(parent, key), value));
      return key;
    case "add":
      if (Array.isArray(parent)) parent.splice(index(key, parent.length), 0, value);
      else write(parent, key, value);
      return key;
    case "delete":
      return remove(parent, key);
    default:
      throw misfit("an edit with an unknown operation");
  }
}

/**
 * Removes a property, or the last element of a list. The app shortens lists at their end only, and the index of a delete is
 * wrong where there are several (PROTOCOL.md, 4.3), so it is ignored.
 */
function remove(parent: Container, key: string | number): string | number {
  if (!Array.isArray(parent)) {
    read(parent, key);
    delete parent[key];
    return key;
  }
  if (parent.length === 0) throw misfit("a delete for an empty list");
  parent.pop();
  return parent.length;
}

function read(container: Container, key: string | number): unknown {
  if (Array.isArray(container)) return container[index(key, container.length - 1)];
  if (!Object.hasOwn(container, key)) throw misfit("an edit of a missing key");
  return container[key];
}

function write(container: Container, key: string | number, value: unknown): void {
  if (Array.isArray(container)) container[index(key, container.length - 1)] = value;
  // An assignment would change the prototype of the object.
  else if (key === "__proto__")
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  else container[key] = value;
}

function index(key: string | number, last: number): number {
  if (typeof key !== "number" || key < 0 || key > last) throw misfit("an edit of a missing index");
  return key;
}

function misfit(what: string): ProtocolError {
  return new ProtocolError(`The app sent ${what}. The output cannot be updated.`);
}
