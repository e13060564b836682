import { ProtocolError } from "../errors.ts";

/** Keys and indexes from a value down to a part of it. */
export type Path = readonly (string | number)[];

/** A value after edits, and where it differs from the one before. */
export interface Edited {
  value: unknown;
  paths: Path[];
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
  const root: [unknown] = [base];
  const own = new Set<Container>([root]);
  const paths = edits.map((edit: unknown) => {
    const [operation, path, value] = parseEdit(edit);
    // The root is a list of one, so that the empty path needs no rule of its own.
    const parent = descend(root, [0, ...path.slice(0, -1)].slice(0, path.length), own);
    const key = path.length === 0 ? 0 : path[path.length - 1]!;
    const place = change(parent, operation, key, value);
    return path.length === 0 ? path : [...path.slice(0, -1), place];
  });
  return { value: root[0], paths };
}

function parseEdit(edit: unknown): [operation: unknown, path: Path, value: unknown] {
  if (!Array.isArray(edit) || !Array.isArray(edit[1])) throw misfit("an edit that is none");
  const path: unknown[] = edit[1];
  const isKey = (key: unknown): key is string | number => typeof key === "string" || Number.isInteger(key);
  if (!path.every(isKey)) throw misfit("an edit whose path is none");
  return [edit[0], path, edit[2]];
}

/** Goes down the path; every container on it becomes a copy of our own first. */
function descend(root: Container, path: Path, own: Set<Container>): Container {
  let container = root;
  for (const key of path) {
    const child = own.has(container) ? read(container, key) : undefined;
    if (!isContainer(child)) throw misfit("an edit inside a value that has no parts");
    let copy = child;
    if (!own.has(copy)) {
      copy = Array.isArray(child) ? child.slice() : { ...child };
      own.add(copy);
      write(container, key, copy);
    }
    container = copy;
  }
  return container;
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
    case "append": {
      const text = read(parent, key);
      if (typeof text !== "string" || typeof value !== "string") throw misfit("text for a value that is no text");
      write(parent, key, text + value);
      return key;
    }
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
  // A plain assignment to "__proto__" would change the object's prototype.
  else Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function index(key: string | number, last: number): number {
  if (typeof key !== "number" || key < 0 || key > last) throw misfit("an edit of an index that is not there");
  return key;
}

function misfit(what: string): ProtocolError {
  return new ProtocolError(`The app sent ${what}; the output cannot be brought up to date.`);
}
