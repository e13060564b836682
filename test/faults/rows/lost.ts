import type { Break, Fault, Point } from "@gradio-rx/testing";
import { longBetweenShort, two } from "../actions.ts";
import { AT_ONCE, GATEWAY, RETRIED, type Row, STREAM } from "../row.ts";

const never: Record<string, Fault> = {
  "closed with the request unread": { breaks: { at: "request", how: "close" } },
  "reset with the request unread": { breaks: { at: "request", how: "reset" } },
  "closed before the head": { breaks: { at: "answer", how: "close" } },
  "reset within the head": { breaks: { at: "head", how: "reset" } },
  "429": { answer: { status: 429, body: "slow down" } },
  "429 that asks for a second": { answer: { status: 429, headers: { "retry-after": "1" }, body: "slow down" } },
  "500": { answer: { status: 500, body: "Internal Server Error" } },
  "502": { answer: { status: 502, body: GATEWAY } },
  "503": { answer: { status: 503, body: GATEWAY } },
};

const places: Record<string, Point> = {
  "before the first event": { byte: 0 },
  "between events": { event: "process_generating", nth: 2, part: "after" },
  "inside an event": { event: "process_generating", nth: 3, part: "inside" },
  "inside a character": { event: "process_generating", nth: 3, part: "character" },
  "before the last message": { event: "process_completed", part: "before" },
};

const ways: Record<string, { how: Break["how"]; head?: Fault["head"] }> = {
  "ended cleanly": { how: "end" },
  closed: { how: "close" },
  reset: { how: "reset" },
  "ended cleanly, connection: close": { how: "end", head: { frame: "connection" } },
  "closed, connection: close": { how: "close", head: { frame: "chunked", headers: { connection: "close" } } },
  "reset, connection: close": { how: "reset", head: { frame: "chunked", headers: { connection: "close" } } },
};

export const lost: readonly Row[] = [
  ...Object.entries(never).map(([name, fault]): Row => ({
    family: "stream, never answered",
    name,
    rules: [{ ...STREAM, fault }],
    allowed: ["right", "ConnectionError(true)"],
    bound: RETRIED,
    // Chromium repeats the request itself and reports no error: only the app's next heartbeat shows that the call is lost.
    inPages: { allowed: ["SessionLostError"], bound: 17_000 },
  })),
  ...Object.entries(places).flatMap(([place, at]) =>
    Object.entries(ways).map(([way, { how, head }]): Row => ({
      family: "stream, lost",
      name: `${place}: ${way}`,
      rules: [{ ...STREAM, fault: { ...(head ? { head } : {}), breaks: { at, how } } }],
      allowed: ["ConnectionError(true)"],
      similar: place !== "inside an event" && way !== "reset",
      bound: AT_ONCE,
    })),
  ),
  ...(["end", "reset"] as const).map((how): Row => ({
    family: "stream, lost",
    name: `two calls on it: ${how === "end" ? "ended cleanly" : "reset"}`,
    rules: [{ ...STREAM, fault: { breaks: { at: { event: "process_generating", nth: 4 }, how } } }],
    act: two,
    allowed: ["ConnectionError(true)"],
    bound: AT_ONCE,
    joins: 2,
  })),
  ...(["end", "close", "reset"] as const).map((how): Row => ({
    family: "stream, lost",
    name: `after process_completed, before close_stream: ${how}`,
    rules: [{ ...STREAM, fault: { breaks: { at: { event: "process_completed" }, how } } }],
    allowed: ["right"],
    // An aborted body discards data that a page has not read yet.
    ...(how === "end" ? {} : { inPages: { allowed: ["ConnectionError(true)"] } }),
    bound: AT_ONCE,
  })),
  {
    family: "stream, lost",
    name: "the last event complete but for its blank line",
    rules: [{ ...STREAM, fault: { breaks: { at: { event: "process_completed", part: "blank" }, how: "end" } } }],
    allowed: ["right", "ConnectionError(true)"],
    bound: AT_ONCE,
  },
  ...(["end", "reset"] as const).map((how): Row => ({
    family: "stream, lost, with resubmit",
    name: how,
    rules: [{ ...STREAM, fault: { breaks: { at: { event: "process_generating", nth: 2 }, how } } }],
    options: { resubmit: true },
    allowed: ["right"],
    bound: RETRIED,
    joins: 2,
  })),
  ...(["end", "close"] as const).map((how): Row => ({
    family: "a proxy that ends every response",
    name: `after 800 ms: ${how}`,
    rules: [{ method: "GET", path: "/queue/data", times: "always", fault: { breaks: { at: { ms: 800 }, how } } }],
    act: longBetweenShort,
    allowed: ["ConnectionError(true)"],
    bound: RETRIED + AT_ONCE,
    joins: 3,
  })),
];
