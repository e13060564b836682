import type { EventEdit, Point } from "@gradio-rx/testing";
import { AT_ONCE, type Row, STREAM } from "../row.ts";

const IDLE = 700;
const drop = (msg: string): EventEdit => ({ msg, do: "drop", times: "always" });

const places: Record<string, [at: Point, allowed: string[]]> = {
  "before the headers": ["answer", ["TimeoutError(idle)", "ConnectionError(true)", "right"]],
  "before the headers, the request unread": ["request", ["TimeoutError(idle)", "ConnectionError(true)", "right"]],
  "before the first event": [{ byte: 0 }, ["TimeoutError(idle)"]],
  "between events": [{ event: "process_generating", nth: 2 }, ["TimeoutError(idle)"]],
  "inside an event": [{ event: "process_generating", nth: 3, part: "inside" }, ["TimeoutError(idle)"]],
};

export const silent: readonly Row[] = [
  ...Object.entries(places).map(([name, [at, allowed]]): Row => ({
    family: "stream, silent",
    name,
    rules: [{ ...STREAM, fault: { breaks: { at, how: "stall" } } }],
    options: { idleTimeout: IDLE },
    allowed,
    bound: IDLE + AT_ONCE,
  })),
  {
    family: "stream, silent",
    name: "only comments arrive",
    rules: [
      {
        ...STREAM,
        fault: { breaks: { at: { event: "process_generating" }, how: "stall", murmur: ": still here\n\n" } },
      },
    ],
    options: { timeout: 2_500, idleTimeout: 2 * IDLE },
    allowed: ["TimeoutError(call)"],
    bound: 2_500 + AT_ONCE,
  },
  {
    family: "stream, silent",
    name: "the completion was lost, and the stream stays open",
    rules: [
      {
        ...STREAM,
        fault: {
          events: { edits: [drop("process_completed"), drop("close_stream")] },
          breaks: { at: "end", how: "stall" },
        },
      },
    ],
    // Long enough for the app to complete the call on a slow machine. Until then, the stream works.
    options: { timeout: 5_000 },
    allowed: ["TimeoutError(call)"],
    bound: 5_000 + AT_ONCE,
  },
  {
    family: "stream, the completion lost",
    name: "and the stream says goodbye",
    rules: [{ ...STREAM, fault: { events: { edits: [drop("process_completed")] } } }],
    allowed: ["ConnectionError", "ProtocolError"],
    bound: AT_ONCE,
  },
  {
    family: "stream, the completion lost",
    name: "and the stream ends",
    rules: [{ ...STREAM, fault: { events: { edits: [drop("process_completed"), drop("close_stream")] } } }],
    allowed: ["ConnectionError", "ProtocolError"],
    bound: AT_ONCE,
  },
];
