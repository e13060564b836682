import * as fc from "fast-check";
import { map, Subject } from "rxjs";
import { GradioError, ProtocolError } from "../../../packages/core/src/errors.ts";
import type { DataEvent, JobEvent } from "../../../packages/core/src/events.ts";
import { type CallMessage, jobEvent } from "../../../packages/core/src/call/messages.ts";
import { decodeMessages } from "../../../packages/core/src/call/decoder.ts";
import { startingEvent, terminalStatus } from "../../../packages/core/src/call/status.ts";
import { applyEdits } from "../../../packages/core/src/wire/diff.ts";
import { parseMessage } from "../../../packages/core/src/wire/messages.ts";
import { unquote } from "../../../packages/core/src/generations/choose.ts";
import { json, keys, must, mustBeUnpolluted, target } from "../target.ts";

const edit = fc.tuple(
  fc.constantFrom("replace", "append", "add", "delete", "swap"),
  fc.array(fc.oneof(keys, fc.integer({ min: -2, max: 5 }), fc.constantFrom<number>(4_294_967_295, 0.5)), {
    maxLength: 4,
  }),
  json,
);
const edits = fc.oneof({ weight: 4, arbitrary: fc.array(edit, { maxLength: 4 }) }, { weight: 1, arbitrary: json });

const output = fc.oneof(
  fc.record({ data: fc.tuple(json) }),
  fc.record({ data: fc.tuple(edits) }),
  fc.record({ data: json, error: json, average_duration: json, render_config: json }, { requiredKeys: [] }),
  json,
);
const kinds =
  "estimation process_starts progress log process_generating process_streaming process_completed unexpected_error close_stream server_stopped send_hash send_data queue_full heartbeat".split(
    " ",
  );
const message = fc.oneof(
  { weight: 1, arbitrary: json },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.record({ msg: fc.constantFrom(...kinds), event_id: fc.constant("e"), output }),
        fc.record(
          {
            success: fc.oneof(fc.boolean(), json),
            rank: json,
            queue_size: json,
            rank_eta: json,
            eta: json,
            progress_data: json,
            log: json,
            level: json,
            title: json,
            duration: json,
            message: json,
            session_not_found: json,
            time_limit: json,
          },
          { requiredKeys: [] },
        ),
      )
      .map(([always, sometimes]) => ({ ...sometimes, ...always })),
  },
);

/** Any messages of a call result in `starting` first, one terminal status last, typed errors, and values that do not change. */
export const decoding = target({
  name: "decoder",
  inputs: fc.record({ messages: fc.array(message, { maxLength: 12 }), completes: fc.boolean() }),
  check({ messages, completes }) {
    const source = new Subject<CallMessage>();
    const events: JobEvent[] = [];
    const copies: string[] = [];
    const ends: unknown[] = [];
    const endpoint = { outputs: 1, visible: [0], mappers: [null], onRender: () => undefined, quote: String };
    const starting = startingEvent({ endpoint: "/f", fnIndex: 0 });
    const decoded = source.pipe(decodeMessages(endpoint, starting));
    decoded.pipe(terminalStatus(starting, new AbortController().signal), map(jobEvent)).subscribe({
      next: (event) => {
        if (!event) return;
        events.push(event);
        copies.push(JSON.stringify(event));
      },
      error: (error: unknown) => ends.push(error),
      complete: () => ends.push("complete"),
    });
    source.next({ kind: "accepted", eventId: "e", chunks: null });
    for (const one of messages) source.next(parseMessage(structuredClone(one), { diffs: true, unquote: null }));
    if (completes) source.complete();
    else source.error(new ProtocolError("the stream ended"));
    must(ends.length === 1, `${ends.length} ends`);
    const [end] = ends;
    must(end === "complete" || end instanceof GradioError, `an untyped error: ${String(end)}`);
    const stages = events.flatMap((event) => (event.type === "status" ? [event.stage] : []));
    must(events[0]?.type === "status" && stages[0] === "starting", "it does not begin with starting");
    const terminal = stages.filter((stage) => ["complete", "error", "cancelled"].includes(stage));
    must(terminal.length === 1 && stages.at(-1) === terminal[0], `its terminal statuses: ${terminal.join()}`);
    must(events.at(-1)?.type === "status", "something follows the terminal status");
    must((end === "complete") === (terminal[0] === "complete"), "status and end do not agree");
    const data = events.filter((event): event is DataEvent => event.type === "data");
    must(data.filter(({ final }) => final).length <= 1, "two final outputs");
    events.forEach((event, index) =>
      must(JSON.stringify(event) === copies[index], "an event changed after it was handed out"),
    );
    mustBeUnpolluted();
  },
});

class Misfit extends Error {}

/** Applies the same edits to a copy, in place. */
function naive(value: unknown, list: unknown): unknown {
  const root = [structuredClone(value)];
  if (!Array.isArray(list)) throw new Misfit();
  for (const one of list as unknown[]) {
    if (!Array.isArray(one) || !Array.isArray(one[1])) throw new Misfit();
    const [operation, path, given] = one as [unknown, (string | number)[], unknown];
    let at: unknown = root;
    const steps = [0, ...path];
    for (const step of steps.slice(0, -1)) at = get(at, step);
    edited(at, operation, steps.at(-1)!, structuredClone(given));
  }
  return root[0];
}

function get(container: unknown, key: unknown): unknown {
  if (Array.isArray(container) && typeof key === "number" && Object.hasOwn(container, key))
    return container[key] as unknown;
  const isObject = typeof container === "object" && container !== null && !Array.isArray(container);
  if (!isObject || !(typeof key === "string" || Number.isInteger(key)) || !Object.hasOwn(container, key as string))
    throw new Misfit();
  return (container as Record<string, unknown>)[key as string];
}

function edited(container: unknown, operation: unknown, key: string | number, given: unknown): void {
  const set = (value: unknown): unknown =>
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  const isList = Array.isArray(container);
  if (typeof container !== "object" || container === null) throw new Misfit();
  if (!(typeof key === "string" || Number.isInteger(key))) throw new Misfit();
  if (operation === "replace") {
    get(container, key);
    set(given);
  } else if (operation === "append") {
    const text = get(container, key);
    if (typeof text !== "string" || typeof given !== "string") throw new Misfit();
    set(text + given);
  } else if (operation === "add") {
    if (!isList) set(given);
    else if (typeof key !== "number" || key < 0 || key > container.length) throw new Misfit();
    else container.splice(key, 0, given);
  } else if (operation !== "delete") throw new Misfit();
  else if (isList) {
    if (container.length === 0) throw new Misfit();
    container.pop();
  } else {
    get(container, key);
    Reflect.deleteProperty(container, key);
  }
}

function outcome(work: () => unknown): string {
  try {
    return JSON.stringify({ value: work() });
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof Misfit) return "misfit";
    throw error;
  }
}

/** Copying along the paths of edits has the same result as editing a copy in place, and does not change the value before. */
export const diffs = target({
  name: "diff",
  inputs: fc.tuple(json, edits),
  check([value, list]) {
    const before = JSON.stringify(value);
    const made = outcome(() => applyEdits(value, list).value);
    must(JSON.stringify(value) === before, "the value before was changed");
    const wanted = outcome(() => naive(value, list));
    must(made === wanted, `${made} in place of ${wanted}`);
    mustBeUnpolluted();
  },
});

/** Python's `repr` of a text, as far as it is used here. */
function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (one) => {
    const code = one.codePointAt(0)!;
    if (one === "\\" || one === quote) return `\\${one}`;
    if (one === "\n") return "\\n";
    if (one === "\r") return "\\r";
    if (one === "\t") return "\\t";
    if (code < 0x20 || (code >= 0x7f && code < 0xa1)) return `\\x${code.toString(16).padStart(2, "0")}`;
    if (code === 0x2028 || code === 0xfeff) return `\\u${code.toString(16).padStart(4, "0")}`;
    return code === 0xe0001 ? "\\U000e0001" : one;
  });
  return quote + escaped.join("") + quote;
}

/** Texts that Python has quoted are restored; any other text gives some result. */
export const quoted = target({
  name: "repr",
  inputs: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({
      unit: fc.constantFrom(
        "\\",
        "'",
        '"',
        "x",
        "u",
        "U",
        "0",
        "f",
        "n",
        "\n",
        "\u2028",
        "\u{E0001}",
        "\u0001",
        "\u0085",
      ),
    }),
  ),
  check(text) {
    must(unquote(repr(text)) === text, `${repr(text)} was read as ${unquote(repr(text))}`);
    must(typeof unquote(text) === "string", "a text has become something else");
  },
});
