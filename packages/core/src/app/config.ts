import { ProtocolError } from "../errors.ts";
import type { Answer } from "../http/request.ts";
import { quote } from "../http/errors.ts";
import { type Fields, fieldsOf, isFields, list, number, text } from "../fields.ts";

/** What a component takes and gives, by how its value is written. */
export interface Serialized {
  /** Whether it takes a file, or a list of files; `null` for neither. */
  takes: (schema: Fields) => "one" | "many" | null;
  /** Whether it may give files. */
  gives: boolean;
}

/** What apps of Gradio 3 do not say of their components. */
export interface Unsaid {
  isLayout: (type: string) => boolean;
  serialized: (component: Fields, type: string) => Serialized | null;
}

/** One component of the app. */
export interface Component {
  id: number;
  /** In lower case: `"textbox"`. */
  type: string;
  label: string | null;
  /** Its properties, as they came: `choices`, `minimum`, `info` … */
  props: Fields;
  /** What is known of its files, in Gradio 3; `null` in newer ones, whose schemas say it. */
  serialized: Serialized | null;
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
  /** Address that the app believes to have: only good for recognising its file URLs. */
  root: string | null;
  /** Most bytes of an upload; `null` where there is no limit. */
  maxFileSize: number | null;
  /** Whether the app wants to know when its visitors go. */
  heartbeat: boolean;
  /** Whether the app has a queue, in which any function can be joined; apps of Gradio 3 may have none. */
  queue: boolean;
  /** The app's functions, as they came: see `endpoints.ts`. */
  dependencies: readonly Fields[];
  components: ReadonlyMap<number, Component>;
  /** The configuration as it came. */
  raw: Readonly<Record<string, unknown>>;
}

/**
 * Reads `/config`.
 *
 * @param unsaid - for apps of Gradio 3.
 * @throws ProtocolError for what is no Gradio app's.
 */
export function parseConfig(answer: Answer, unsaid?: Unsaid): AppConfig {
  const { body } = answer;
  if (!isFields(body) || !Array.isArray(body["dependencies"]) || !Array.isArray(body["components"])) {
    const said = typeof body === "string" ? body.trim() : JSON.stringify(body);
    throw new ProtocolError(
      `There is no Gradio app at ${answer.url.replace(/[?#].*/, "")}: its configuration is not one. It says: ${quote(said)}`,
    );
  }
  const components = list(body["components"]).map((fields) => component(fields, unsaid));
  return {
    version: text(body["version"]) ?? "unknown",
    protocol: text(body["protocol"]) ?? "ws",
    prefix: prefix(text(body["api_prefix"]) ?? ""),
    title: text(body["title"]),
    spaceId: text(body["space_id"]),
    root: text(body["root"]),
    maxFileSize: number(body["max_file_size"]),
    heartbeat: body["connect_heartbeat"] === true,
    queue: body["enable_queue"] === undefined || body["enable_queue"] === true,
    dependencies: list(body["dependencies"]),
    components: new Map(components.map((one) => [one.id, one])),
    raw: body,
  };
}

/** Slashes at its end, and none before: so that it joins the app's address instead of its origin. */
function prefix(announced: string): string {
  const words = announced.split("/").filter((word) => word !== "" && word !== "." && word !== "..");
  return words.map((word) => `${encodeURIComponent(word)}/`).join("");
}

function component(fields: Fields, unsaid: Unsaid | undefined): Component {
  const type = (text(fields["type"]) ?? "").toLowerCase();
  const skip = fields["skip_api"];
  const props = fieldsOf(fields["props"]);
  return {
    id: number(fields["id"]) ?? -1,
    type,
    label: text(props["label"]),
    props,
    serialized: unsaid?.serialized(fields, type) ?? null,
    hidden: typeof skip === "boolean" ? skip : unsaid?.isLayout(type) === true,
  };
}
