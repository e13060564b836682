import type { NodeOf } from "./tree.ts";

/** Name of the package that a program leaves. */
export const OLD = "@gradio/client";

/** Types of events that a client asked for; `null` where unknown. */
export type Asked = readonly string[] | null;

/** A call of `predict` or `submit`; `null` where only its type is known. */
export type Call = { node: NodeOf<"CallExpression">; asked: Asked } | null;

/** Meaning of a value of the old package, as far as the migration follows it. */
export type Kind =
  /** All exports of the package. */
  | { is: "module" }
  /** The class `Client`. */
  | { is: "class" }
  /** An exported function, or a static method of the class: `client`, `Client.connect`. */
  | { is: "function"; name: string }
  | { is: "client"; asked: Asked }
  /** A method of a client. */
  | { is: "method"; name: string; asked: Asked }
  /** A submission. */
  | { is: "job"; call: Call }
  /** Result of `predict`. */
  | { is: "result"; call: Call }
  /** List of outputs in a result. */
  | { is: "outputs"; call: Call }
  /** A message of a submission; with its type, where the program states it. */
  | { is: "event"; type?: string }
  /** Stage of a status. */
  | { is: "stage" }
  /** State of a Space. */
  | { is: "space" }
  /** An output, or a part of one: may be a file. */
  | { is: "value" }
  | { is: "promise"; of: Kind }
  | { is: "list"; of: Kind }
  | { is: "tuple"; of: readonly (Kind | undefined)[] }
  | { is: "object"; member: (name: string) => Kind | undefined }
  /** A function whose result is of a kind. */
  | { is: "callable"; returns: () => Kind | undefined };

/** Returns a promise of a kind. A promise of a promise is a promise of its value. */
export function promiseOf(kind: Kind | undefined): Kind | undefined {
  return kind === undefined || kind.is === "promise" ? kind : { is: "promise", of: kind };
}

/** Returns the kind after `await`. */
export function awaited(kind: Kind | undefined): Kind | undefined {
  return kind?.is === "promise" ? kind.of : kind;
}

/** Returns the kind of an export of the package. */
export function exportKind(name: string): Kind {
  if (name === "Client") return { is: "class" };
  return name === "default" ? { is: "module" } : { is: "function", name };
}

/** Returns the kind of a type that the package exports. */
export function exportedType(name: string): Kind | undefined {
  if (name === "Client" || name === "client_return") return { is: "client", asked: null };
  if (name === "StatusMessage" || name === "Status") return { is: "event", type: "status" };
  if (name === "LogMessage") return { is: "event", type: "log" };
  if (name === "SpaceStatus") return { is: "space" };
  return name === "FileData" ? { is: "value" } : undefined;
}

const methods: ReadonlySet<string> = new Set([
  "predict",
  "submit",
  "upload",
  "upload_files",
  "view_api",
  "post_data",
  "fetch",
  "stream",
  "component_server",
  "close",
  "reconnect",
  "refresh",
  "get_url_config",
  "get_page_config",
  "set_cookies",
]);

/** Returns the kind of a member. A number is the position in a list. */
export function memberKind(kind: Kind, name: string | undefined): Kind | undefined {
  switch (kind.is) {
    case "module":
      return name === undefined ? undefined : exportKind(name);
    case "class":
      return name === "connect" || name === "duplicate" ? { is: "function", name: `Client.${name}` } : undefined;
    case "client":
      return name !== undefined && methods.has(name) ? { is: "method", name, asked: kind.asked } : undefined;
    case "result":
      return name === "data" ? { is: "outputs", call: kind.call } : undefined;
    case "event":
      if (name === "stage") return { is: "stage" };
      return name === "data" ? { is: "value" } : undefined;
    case "outputs":
    case "value":
      return { is: "value" };
    case "list":
      return name === undefined || /^\d+$/.test(name) ? kind.of : undefined;
    case "tuple":
      return name === undefined ? undefined : kind.of[Number(name)];
    case "object":
      return name === undefined ? undefined : kind.member(name);
    default:
      return undefined;
  }
}

/** Returns the kind of the elements of a list. */
export function elementKind(kind: Kind | undefined): Kind | undefined {
  if (kind?.is === "list") return kind.of;
  if (kind?.is === "tuple") return kind.of.find((one) => one !== undefined);
  return kind?.is === "outputs" || kind?.is === "value" ? { is: "value" } : undefined;
}
