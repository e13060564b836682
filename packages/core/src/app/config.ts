import { ProtocolError } from "../errors.ts";
import type { Answer } from "../http/request.ts";
import { quote } from "../http/errors.ts";
import { printable } from "../http/redaction.ts";
import { encodePart } from "../http/urls.ts";
import { type Fields, fieldsOf, isFields, list, number, text } from "../fields.ts";

/** Files in the value of a component of Gradio 3, by its serializer. */
export interface Serialized {
  /** Returns whether it takes one file or a list of files; `null` for neither. */
  takes: (schema: Fields) => "one" | "many" | null;
  /** Whether its output may hold files. */
  gives: boolean;
}

/** Facts about components that the configuration of Gradio 3 does not contain. */
export interface ComponentFacts {
  isLayout: (type: string) => boolean;
  serialized: (component: Fields, type: string) => Serialized | null;
}

/** One component of the app. */
export interface Component {
  id: number;
  /** Kind in lower case, such as `"textbox"`. */
  type: string;
  label: string | null;
  /** Properties as the app sent them: `choices`, `minimum`, `info` … */
  props: Fields;
  /** Its files, in Gradio 3; `null` in newer versions, whose schemas describe them. */
  serialized: Serialized | null;
  /** Whether its value is neither passed nor returned: the server keeps it, or it has none. */
  hidden: boolean;
}

/** Configuration of an app, as far as the SDK needs it (PROTOCOL.md, 1.2). */
export interface AppConfig {
  version: string;
  protocol: string;
  /** Prefix of the paths of its API: `gradio_api/`, or `""` before 5.0. */
  prefix: string;
  title: string | null;
  spaceId: string | null;
  /** Address that the app believes to have. Used only to recognise addresses of its files. */
  root: string | null;
  /** Maximum size of an uploaded file in bytes; `null` for no limit. */
  maxFileSize: number | null;
  /** Whether the app expects a heartbeat connection, by which it sees that a visitor leaves. */
  heartbeat: boolean;
  /** Whether the app has a queue that accepts any function; apps of Gradio 3 may have none. */
  queue: boolean;
  /** Functions of the app, unparsed; see `endpoints.ts`. */
  dependencies: readonly Fields[];
  components: ReadonlyMap<number, Component>;
  /** Texts of `gr.I18n` by language and key; see {@link plainText}. */
  translations: Fields;
  /** Configuration as the app sent it. */
  raw: Readonly<Record<string, unknown>>;
}

/**
 * Parses the body of `/config`.
 *
 * @param quoted - returns the part of a server's text that an error may contain.
 * @param facts - facts about components, for apps of Gradio 3.
 * @throws ProtocolError where it is not the configuration of a Gradio app.
 */
export function parseConfig(
  answer: Answer,
  quoted: (text: string) => string = quote,
  facts?: ComponentFacts,
): AppConfig {
  const { body } = answer;
  if (!isFields(body) || !Array.isArray(body["dependencies"]) || !Array.isArray(body["components"])) {
    const said = typeof body === "string" ? body.trim() : JSON.stringify(body);
    throw new ProtocolError(
      `There is no Gradio app at ${answer.url.replace(/[?#].*/, "")}: its configuration is invalid. The server sent: ${quoted(said)}`,
    );
  }
  const translations = fieldsOf(body["i18n_translations"]);
  const components = list(body["components"]).map((fields) => component(fields, translations, facts));
  return {
    version: text(body["version"]) ?? "unknown",
    protocol: text(body["protocol"]) ?? "ws",
    prefix: prefix(text(body["api_prefix"]) ?? ""),
    title: plainText(body["title"], translations),
    spaceId: text(body["space_id"]),
    root: text(body["root"]),
    maxFileSize: number(body["max_file_size"]),
    heartbeat: body["connect_heartbeat"] === true,
    queue: body["enable_queue"] === undefined || body["enable_queue"] === true,
    dependencies: list(body["dependencies"]),
    components: new Map(components.map((one) => [one.id, one])),
    translations,
    raw: body,
  };
}

/**
 * Returns the configuration after a function has rendered (PROTOCOL.md, 5.3): new components and functions replace those
 * that the function rendered before. The result is valid only for the session of the call.
 *
 * @param rendered - `render_config` of the message; an invalid one changes nothing.
 */
export function withRendered(config: AppConfig, rendered: unknown): AppConfig {
  if (!isFields(rendered)) return config;
  const id = rendered["render_id"];
  const replaced = (name: "components" | "dependencies"): Fields[] => {
    const made = list(rendered[name]);
    const ids = new Set(made.map((one) => one["id"]));
    const kept = list(config.raw[name]).filter((one) => one["rendered_in"] !== id && !ids.has(one["id"]));
    return [...kept, ...made];
  };
  const body = { ...config.raw, components: replaced("components"), dependencies: replaced("dependencies") };
  return parseConfig({ url: "", body, isJson: true });
}

/** Returns the prefix with a slash at its end only, so that it is relative to the address of the app. */
function prefix(announced: string): string {
  const words = announced.split("/").filter((word) => word !== "" && word !== "." && word !== "..");
  return words.map((word) => `${encodePart(word)}/`).join("");
}

function component(fields: Fields, translations: Fields, facts: ComponentFacts | undefined): Component {
  const type = (text(fields["type"]) ?? "").toLowerCase();
  const skip = fields["skip_api"];
  const props = fieldsOf(fields["props"]);
  return {
    id: number(fields["id"]) ?? -1,
    type,
    label: plainText(props["label"], translations),
    props,
    serialized: facts?.serialized(fields, type) ?? null,
    hidden: typeof skip === "boolean" ? skip : facts?.isLayout(type) === true,
  };
}

/**
 * Returns a text that is shown to users: a text of `gr.I18n` in English, else in the first language that has it, else its
 * key; `null` for anything that is not a text. Control characters become spaces.
 *
 * @param translations - `i18n_translations` of the configuration: texts by language and key.
 */
export function plainText(value: unknown, translations: unknown): string | null {
  const given =
    isFields(value) && value["__type__"] === "translation_metadata" ? keyText(value, translations) : text(value);
  // Python may have joined such a text with others.
  const whole = given?.replaceAll(/__i18n__(\{[^{}]*\})/g, (marked, json: string) => {
    try {
      return keyText(fieldsOf(JSON.parse(json)), translations) ?? marked;
    } catch {
      return marked;
    }
  });
  return whole === undefined ? null : printable(whole);
}

/** Returns the text of a key. */
function keyText(metadata: Fields, translations: unknown): string | null {
  const key = text(metadata["key"]);
  if (key === null) return null;
  const languages = Object.entries(fieldsOf(translations)).toSorted(
    ([a], [b]) => Number(isEnglish(b)) - Number(isEnglish(a)),
  );
  for (const [, texts] of languages) {
    const found = Object.hasOwn(fieldsOf(texts), key) ? text(fieldsOf(texts)[key]) : null;
    if (found !== null) return found;
  }
  return key;
}

function isEnglish(language: string): boolean {
  return /^en(-|$)/i.test(language);
}
