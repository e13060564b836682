import { ProtocolError } from "../errors.ts";

/** Keys and indexes from a value down to a part of it. */
export type Path = readonly (string | number)[];

/** A value after edits, and where it differs from the one before. */
export interface Edited {
  value: unknown;
  paths: Path[];
  /** The edits that were applied. */
  edits: readonly unknown[];
}

type Container = unknown[] | Record<string, unknown>;

/**
 * Applies one output's edits (PROTOCOL.md, 4) to its last value. The value before stays as it is: what changes is copied
 * along its path, everything else is shared.
 *
 * @param base - the output's last value.
 * @param edits - a list of `[operation, path, value]`, not yet looked at; `[]` leaves the value as it is.
 * @throws ProtocolError for an edit that is none, or that does not fit the value.
 */
export function applyEdits(base: unknown, edits: unknown): Edited {
  if (!Array.isArray(edits)) throw new ProtocolError("The app sent a diff that is no list of edits.");
  // The root is a list of one, so that the empty path needs no rule of its own.
  const root: [unknown] = [base];
  // What a single edit meets, it meets once: nothing of it is a copy yet.
  if (edits.length === 1) {
    const path = apply(root, edits[0], null);
    return { value: root[0], paths: [path], edits };
  }
  const own = new Set<Container>();
  const paths = edits.map((edit: unknown) => apply(root, edit, own));
  return { value: root[0], paths, edits };
}

function appended(text: unknown, more: unknown): string {
  if (typeof text !== "string" || typeof more !== "string") throw misfit("text for a value that is no text");
  return text + more;
}

/** Does one edit, and says where it took effect. */
function apply(root: [unknown], edit: unknown, own: Set<Container> | null): Path {
  if (!Array.isArray(edit) || !Array.isArray(edit[1])) throw misfit("an edit that is none");
  const path: unknown[] = edit[1];
  if (!isPath(path)) throw misfit("an edit whose path is none");
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

/** Goes down one step; the container there becomes a copy of our own first. */
function descend(parent: Container, key: string | number, own: Set<Container> | null): Container {
  const child = read(parent, key);
  if (!isContainer(child)) throw misfit("an edit inside a value that has no parts");
  if (own?.has(child)) return child;
  const copy = Array.isArray(child) ? child.slice() : { ...child };
  own?.add(copy);
  write(parent, key, copy);
  return copy;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

/** Does one edit in a container that is ours, and says at which key or index it took effect. */
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
      throw misfit("an edit of a kind that it does not know");
  }
}

/**
 * Lists are shortened at their end only, and the index that comes with a delete is wrong as soon as there are several
 * (PROTOCOL.md, 4.3): so the index is not looked at.
 */
function remove(parent: Container, key: string | number): string | number {
  if (!Array.isArray(parent)) {
    read(parent, key);
    delete parent[key];
    return key;
  }
  if (parent.length === 0) throw misfit("a delete for a list that is empty");
  parent.pop();
  return parent.length;
}

function read(container: Container, key: string | number): unknown {
  if (Array.isArray(container)) return container[index(key, container.length - 1)];
  if (!Object.hasOwn(container, key)) throw misfit("an edit of a key that is not there");
  return container[key];
}

function write(container: Container, key: string | number, value: unknown): void {
  if (Array.isArray(container)) container[index(key, container.length - 1)] = value;
  // A plain assignment to it would change the object's prototype.
  else if (key === "__proto__")
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  else container[key] = value;
}

function index(key: string | number, last: number): number {
  if (typeof key !== "number" || key < 0 || key > last) throw misfit("an edit of an index that is not there");
  return key;
}

function misfit(what: string): ProtocolError {
  return new ProtocolError(`The app sent ${what}; the output cannot be brought up to date.`);
}
