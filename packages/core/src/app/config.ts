import { ProtocolError } from "../errors.ts";
import type { Answer } from "../http/request.ts";
import { quote } from "../http/status.ts";
import { type Fields, isFields, list, number, text } from "../fields.ts";

/** One function of the app, as its configuration describes it (PROTOCOL.md, 1.6). */
export interface Dependency {
  id: number;
  /** Without its slash; `null` where it has none. */
  apiName: string | null;
  visibility: "public" | "undocumented" | "private";
  /** Component ids. */
  inputs: readonly number[];
  outputs: readonly number[];
  /** Whether there is a Python function behind it; without, it lives in the app's page alone. */
  hasBackend: boolean;
  /** Whether it is nothing but a cancel of other functions. */
  isCancel: boolean;
  isGenerator: boolean;
  /** Whether it takes its input as a stream of chunks. */
  isStream: boolean;
  /** Whether it lives in one session only: it renders part of the app, or was rendered itself. */
  ofSession: boolean;
  description: string;
}

/** One component of the app. */
export interface Component {
  id: number;
  /** In lower case: `"textbox"`. */
  type: string;
  label: string | null;
  /** How its value is written, in Gradio 3: `"FileSerializable"` …; `null` in newer ones. */
  serializer: string | null;
  /** Whether the server keeps its value: it is neither passed nor returned. */
  hidden: boolean;
}

/** What the SDK needs of an app's configuration (PROTOCOL.md, 1.2). */
export interface AppConfig {
  version: string;
  protocol: string;
  /** `gradio_api/`, or nothing before 5.0. */
  prefix: string;
  title: string | null;
  spaceId: string | null;
  appId: string | null;
  /** Address that the app believes to have: only good for recognising its file URLs. */
  root: string | null;
  /** Most bytes of an upload; `null` where there is no limit. */
  maxFileSize: number | null;
  /** Whether the app wants to know when its visitors go. */
  heartbeat: boolean;
  /** Whether the app has a queue, in which any function can be joined; apps of Gradio 3 may have none. */
  queue: boolean;
  dependencies: readonly Dependency[];
  components: ReadonlyMap<number, Component>;
  /** The configuration as it came. */
  raw: Readonly<Record<string, unknown>>;
}

/** Kinds of components without a value, for apps that do not say so themselves (before 4.0). */
const layout = new Set(
  "state row column tabs tab tabitem box form accordion group interpretation dataset sidebar".split(" "),
);

/** Reads `/config`. Throws ProtocolError for what is no Gradio app's. */
export function parseConfig(answer: Answer): AppConfig {
  const { body } = answer;
  if (!isFields(body) || !Array.isArray(body["dependencies"]) || !Array.isArray(body["components"])) {
    const said = typeof body === "string" ? body.trim() : JSON.stringify(body);
    throw new ProtocolError(
      `There is no Gradio app at ${answer.url.replace(/[?#].*/, "")}: its configuration is not one. It says: ${quote(said)}`,
    );
  }
  const components = list(body["components"]).map(component);
  return {
    version: text(body["version"]) ?? "unknown",
    protocol: text(body["protocol"]) ?? "ws",
    prefix: prefix(text(body["api_prefix"]) ?? ""),
    title: text(body["title"]),
    spaceId: text(body["space_id"]),
    appId: text(body["app_id"]) ?? number(body["app_id"])?.toString() ?? null,
    root: text(body["root"]),
    maxFileSize: number(body["max_file_size"]),
    heartbeat: body["connect_heartbeat"] === true,
    queue: body["enable_queue"] === undefined || body["enable_queue"] === true,
    dependencies: list(body["dependencies"]).map(dependency),
    components: new Map(components.map((one) => [one.id, one])),
    raw: body,
  };
}

/** Slashes at its end, and none before: so that it joins the app's address instead of its origin. */
function prefix(announced: string): string {
  const words = announced.split("/").filter((word) => word !== "" && word !== "." && word !== "..");
  return words.map((word) => `${encodeURIComponent(word)}/`).join("");
}

function dependency(fields: Fields, position: number): Dependency {
  const types = isFields(fields["types"]) ? fields["types"] : {};
  const apiName = text(fields["api_name"]);
  return {
    id: number(fields["id"]) ?? position,
    apiName: apiName === null || apiName === "" ? null : apiName.replace(/^\//, ""),
    visibility: visibility(fields),
    inputs: ids(fields["inputs"]),
    outputs: ids(fields["outputs"]),
    hasBackend: fields["backend_fn"] !== false,
    isCancel: types["cancel"] === true,
    isGenerator: types["generator"] === true,
    isStream: fields["connection"] === "stream",
    ofSession: number(fields["render_id"]) !== null || number(fields["rendered_in"]) !== null,
    description: text(fields["api_description"]) ?? "",
  };
}

/** 6.x names it; before, a function without a name was private, and one could be kept off the page. */
function visibility(fields: Fields): Dependency["visibility"] {
  const named = fields["api_visibility"];
  if (named === "public" || named === "undocumented" || named === "private") return named;
  if (fields["api_name"] === false) return "private";
  return fields["show_api"] === false ? "undocumented" : "public";
}

function component(fields: Fields): Component {
  const props = isFields(fields["props"]) ? fields["props"] : {};
  const type = (text(fields["type"]) ?? "").toLowerCase();
  const skip = fields["skip_api"];
  return {
    id: number(fields["id"]) ?? -1,
    type,
    label: text(props["label"]),
    serializer: text(fields["serializer"]),
    hidden: typeof skip === "boolean" ? skip : layout.has(type),
  };
}

function ids(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === "number") : [];
}
