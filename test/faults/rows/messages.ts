import type { EventEdit, Fault } from "@gradio-rx/testing";
import { AT_ONCE, GATEWAY, RETRIED, type Row, STREAM } from "../row.ts";

const beside = (...events: unknown[]): EventEdit => ({ msg: "process_generating", nth: 2, do: "before", with: events });
const instead = (output: unknown): EventEdit => ({
  msg: "process_generating",
  nth: 3,
  do: "replace",
  with: [{ msg: "process_generating", event_id: "$id", success: true, output }],
});
const edits = (...all: EventEdit[]): Fault => ({ events: { edits: all } });
const diff = (...edit: unknown[]): EventEdit => instead({ data: [[edit]], is_generating: true });
const completed = (event_id: string, text: string) => ({
  msg: "process_completed",
  event_id,
  success: true,
  output: { data: [text] },
});
const generating = (event_id: string) => ({
  msg: "process_generating",
  event_id,
  success: true,
  output: { data: ["no"] },
});
const unexpected = (fields: object) => ({
  msg: "unexpected_error",
  event_id: null,
  success: false,
  message: "It broke.",
  ...fields,
});

const junk: Record<string, unknown[]> = {
  "malformed JSON": ['data: {"msg": "process_gen\n\n'],
  "a web page": [`${GATEWAY}\n\n`],
  "a web page as data": [`data: ${GATEWAY}\n\n`],
  "empty data": ["data:\n\n", "data: \n\n"],
  null: [null],
  "a number": [7],
  "a string": ['data: "text"\n\n'],
  "an array": [[1, 2]],
  "no msg": [{ event_id: "$id", output: {} }],
  "an invalid msg": [{ msg: 7, event_id: "$id" }],
  NaN: ['data: {"msg":"process_generating","event_id":"$id","success":true,"output":{"data":[NaN]}}\n\n'],
};

const harmless: Record<string, unknown[]> = {
  "unknown kinds": [
    { msg: "weather", event_id: "$id", output: { data: ["no"] } },
    { msg: "weather", event_id: null },
  ],
  "messages of unknown calls": [generating("unknown"), completed("unknown", "no")],
  "ids such as __proto__": ["__proto__", "constructor", "toString"].flatMap((id) => [
    generating(id),
    completed(id, "no"),
  ]),
  "wrong types in every field": [
    { msg: "estimation", event_id: "$id", rank: "first", queue_size: null, rank_eta: {} },
    { msg: "progress", event_id: "$id", progress_data: [null, 7, { index: "x", desc: {} }] },
    { msg: "log", event_id: "$id", log: 7, level: [], duration: "long" },
  ],
};

const broken: Record<string, EventEdit> = {
  "an output without data": instead({ is_generating: true }),
  "an output that is null": instead(null),
  "data that is not a list": instead({ data: "text" }),
  "data of the wrong length": instead({ data: [[], []] }),
  "an invalid diff": instead({ data: ["text"] }),
  "an invalid edit": instead({ data: [["append"]] }),
  "an edit of an unknown kind": diff("rotate", [], "x"),
  "a path that leads nowhere": diff("append", ["a", "b"], "x"),
  "a path through a prototype": diff("add", ["__proto__", "polluted"], true),
  "a path through a constructor": diff("replace", ["constructor", "prototype", "polluted"], true),
  "a path to a huge index": diff("add", [4_294_967_295], "x"),
};

const repeated: Record<string, EventEdit[]> = {
  "process_starts twice": [{ msg: "process_starts", do: "double" }],
  "process_completed twice": [{ msg: "process_completed", do: "double" }],
  "close_stream twice": [{ msg: "close_stream", do: "double" }],
  "outputs after the completion": [
    { msg: "process_completed", do: "after", with: [generating("$id"), completed("$id", "no")] },
  ],
  "an estimation after the start": [
    {
      msg: "process_generating",
      do: "before",
      with: [{ msg: "estimation", event_id: "$id", rank: 3, queue_size: 5, rank_eta: 9 }],
    },
  ],
};

const given: Record<string, [edit: EventEdit, allowed: string[]]> = {
  "unexpected_error for one call": [beside(unexpected({ event_id: "$id" })), ["typed"]],
  "unexpected_error for all": [beside(unexpected({})), ["ConnectionError(true)"]],
  session_not_found: [beside(unexpected({ session_not_found: true, message: "404: Not Found" })), ["SessionLostError"]],
  "the session not found, as older servers say it": [
    beside(unexpected({ message: "404: Session not found." })),
    ["SessionLostError"],
  ],
  "the server stopped": [beside(unexpected({ message: "Server stopped unexpectedly." })), ["typed"]],
  "the server stopped, as older servers say it": [beside({ msg: "server_stopped", event_id: null }), ["typed"]],
  "close_stream while calls wait": [beside({ msg: "close_stream", event_id: null }), ["ConnectionError(true)"]],
};

const refusals: Record<string, [fault: Fault, allowed: string[], status?: number]> = {
  "401": [{ answer: { status: 401, body: { detail: "Not authenticated" } } }, ["AuthenticationError"], 401],
  "404": [{ answer: { status: 404, body: { detail: "Not Found" } } }, ["typed"]],
  "204": [{ answer: { status: 204 } }, ["typed"]],
  "503": [{ answer: { status: 503, body: GATEWAY } }, ["typed"]],
  "a web page": [{ answer: { body: GATEWAY } }, ["typed"]],
  "a goodbye at once": [
    {
      answer: {
        headers: { "content-type": "text/event-stream" },
        body: 'data: {"msg":"close_stream","event_id":null}\n\n',
      },
    },
    ["typed"],
  ],
};

const row = (family: string, name: string, fault: Fault, allowed: readonly string[]): Row => ({
  family,
  name,
  rules: [{ ...STREAM, fault }],
  allowed,
  bound: AT_ONCE,
});

export const messages: readonly Row[] = [
  ...Object.entries(junk).map(([name, events]) =>
    row("stream, junk", name, edits(beside(...events)), ["right", "ProtocolError"]),
  ),
  ...Object.entries(harmless).map(([name, events]) =>
    row("stream, nothing of ours", name, edits(beside(...events)), ["right"]),
  ),
  ...Object.entries(broken).map(([name, edit]) => row("stream, invalid outputs", name, edits(edit), ["ProtocolError"])),
  row(
    "stream, invalid outputs",
    "a completion without an output",
    edits({
      msg: "process_completed",
      do: "replace",
      with: [{ msg: "process_completed", event_id: "$id", success: true }],
    }),
    ["ProtocolError"],
  ),
  row(
    "stream, invalid outputs",
    "a hundred thousand levels",
    edits(
      beside(
        `data: {"msg":"process_generating","event_id":"$id","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}\n\n`,
      ),
    ),
    ["ProtocolError", "right"],
  ),
  {
    ...row("stream, beyond the limit", "an event", edits(beside(`data: ${"x".repeat(200_000)}\n\n`)), [
      "ProtocolError",
    ]),
    connect: { limits: { event: 100_000 } },
  },
  {
    ...row("stream, beyond the limit", "a line that never ends", edits(beside(`data: ${"x".repeat(300_000)}`)), [
      "ProtocolError",
    ]),
    connect: { limits: { event: 100_000 } },
  },
  {
    ...row("stream, beyond the limit", "an event of many lines", edits(beside(`${"data: x\n".repeat(50_000)}\n`)), [
      "ProtocolError",
    ]),
    connect: { limits: { event: 100_000 } },
  },
  ...Object.entries(repeated).map(([name, all]) => row("stream, repeated and late", name, edits(...all), ["right"])),
  ...Object.entries(given).map(([name, [edit, allowed]]) =>
    row("stream, given up by the app", name, edits(edit), allowed),
  ),
  ...Object.entries(refusals).map(([name, [fault, allowed, status]]): Row => ({
    family: "stream, refused",
    name,
    rules: [{ ...STREAM, times: "always", fault }],
    allowed,
    ...(status === undefined ? {} : { status }),
    bound: RETRIED,
  })),
];
