import type { EventEdit, EventFault } from "./fault.ts";

/** One event to send: its text, and the kind of its message if it has one. */
export interface SentEvent {
  text: string;
  msg: string | null;
}

/** Rewrites an event stream, event by event. Expects it as Gradio writes it: `data: {…}` and a blank line. */
export class EventRewriter {
  readonly #fault: EventFault;
  readonly #edits: { edit: EventEdit; seen: number }[];
  readonly #decoder = new TextDecoder();
  #rest = "";
  #begun = false;
  #turn = 0;

  constructor(fault: EventFault) {
    this.#fault = fault;
    this.#edits = (fault.edits ?? []).map((edit) => ({ edit, seen: 0 }));
  }

  /** Returns the events that are complete with these bytes. */
  push(bytes: Uint8Array): SentEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop() ?? "";
    const sent = blocks.flatMap((block) => this.#rewrite(block));
    if (this.#begun || sent.length === 0) return sent;
    this.#begun = true;
    const [first, ...others] = sent;
    return [{ ...first!, text: `${this.#fault.prefix ?? ""}${first!.text}` }, ...others];
  }

  /** Returns the text after the last complete event. */
  end(): SentEvent[] {
    return this.#rest === "" ? [] : [{ text: this.#rest, msg: null }];
  }

  #rewrite(block: string): SentEvent[] {
    const own = parse(block);
    let events: unknown[] = [own];
    for (const counted of this.#edits) events = events.flatMap((event) => apply(counted, event));
    const { lines, lineEnd, bare, split } = this.#fault;
    const plain = lines === undefined && lineEnd === undefined && !bare && !split;
    // Unchanged events keep their text: parsed JSON is not always written back as the same text.
    return events.map((event) =>
      plain && event === own ? { text: `${block}\n\n`, msg: field(event, "msg") } : this.#write(event),
    );
  }

  #write(event: unknown): SentEvent {
    if (typeof event === "string") return { text: event, msg: null };
    const { lines = "", bare = false, split = false } = this.#fault;
    const json = JSON.stringify(event);
    const data = split && /^\{.+\}$/s.test(json) ? ["{", json.slice(1, -1), "}"] : [json];
    const text = `${lines}${data.map((line) => `data:${bare ? "" : " "}${line}\n`).join("")}\n`;
    return { text: this.#ends(text), msg: field(event, "msg") };
  }

  #ends(text: string): string {
    const { lineEnd = "\n" } = this.#fault;
    if (lineEnd !== "mixed") return text.replaceAll("\n", lineEnd);
    return text.replaceAll(/\n+/g, (ends) => {
      const all = ends.length === 1 ? ["\n", "\r\n", "\r"] : ["\n\r", "\r\n\n", "\r\r", "\n\r\n"];
      return all[this.#turn++ % all.length]!;
    });
  }
}

function apply(counted: { edit: EventEdit; seen: number }, event: unknown): unknown[] {
  const { edit } = counted;
  const msg = field(event, "msg");
  if (msg === null || (edit.msg !== undefined && edit.msg !== msg)) return [event];
  counted.seen++;
  const { nth = 1, times = 1 } = edit;
  if (counted.seen < nth || (times !== "always" && counted.seen >= nth + times)) return [event];
  const id = field(event, "event_id") ?? "";
  const others = (edit.with ?? []).map((one) => withId(one, id));
  if (edit.do === "double") return [event, event];
  if (edit.do === "before") return [...others, event];
  if (edit.do === "after") return [event, ...others];
  return edit.do === "replace" ? others : [];
}

/** Returns the message of a block, or its text if it has no message. */
function parse(block: string): unknown {
  try {
    return JSON.parse(block.replace(/^data: ?/, ""));
  } catch {
    return `${block}\n\n`;
  }
}

function withId(one: unknown, id: string): unknown {
  if (typeof one === "string") return one.replaceAll("$id", id);
  return JSON.parse(JSON.stringify(one).replaceAll("$id", id));
}

function field(event: unknown, name: string): string | null {
  if (typeof event !== "object" || event === null) return null;
  const value: unknown = Reflect.get(event, name);
  return typeof value === "string" ? value : null;
}
