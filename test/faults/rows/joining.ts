import type { Break, Fault } from "@gradio-rx/testing";
import { besideAnother, refused } from "../actions.ts";
import { AT_ONCE, GATEWAY, JOIN, RETRIED, type Row } from "../row.ts";

/**
 * Chromium itself repeats a request, also a POST, if its reused connection closes before a response. Pages cannot prevent that.
 */
const byChromium = { allowed: ["right"], joins: 2 };

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Fault => ({
  answer: { status, body, headers },
});
const closing = { head: { frame: "chunked", headers: { connection: "close" } } } as const;

const unread: Record<string, Break> = {
  closed: { at: "request", how: "close" },
  reset: { at: "request", how: "reset" },
  "closed in mid-body": { at: { requestByte: 10 }, how: "close" },
};

const replyLost: Record<string, Fault> = {
  "closed before the reply": { breaks: { at: "answer", how: "close" } },
  "reset before the reply": { breaks: { at: "answer", how: "reset" } },
  "closed within the headers": { breaks: { at: "head", how: "close" } },
  "reset within the headers": { breaks: { at: "head", how: "reset" } },
  "closed within the body": { breaks: { at: { byte: 15 }, how: "close" } },
  "reset within the body": { breaks: { at: { byte: 15 }, how: "reset" } },
  "closed within a chunked body of a connection that closes": {
    ...closing,
    breaks: { at: { byte: 15 }, how: "close" },
  },
  "closed before a chunked body of a connection that closes": { ...closing, breaks: { at: { byte: 0 }, how: "close" } },
  "504 of a gateway": { forward: true, answer: { status: 504, body: GATEWAY } },
};

const refusals: Record<string, [fault: Fault, allowed: string[], status: number]> = {
  "422 of a validator": [
    json(422, { detail: [{ __type__: "validate", is_valid: false, message: "too long", parameter_name: "text" }] }),
    ["ValidationError"],
    422,
  ],
  "422 of the framework": [
    json(422, { detail: [{ type: "missing", loc: ["body", "data"], msg: "Field required", input: null }] }),
    ["ValidationError"],
    422,
  ],
  "503, the queue is full": [
    json(503, { detail: "Queue is full. Max size is 2 and size is 2." }),
    ["QueueFullError"],
    503,
  ],
  "401": [json(401, { detail: "Not authenticated" }), ["AuthenticationError"], 401],
  "400": [json(400, { detail: "Session hash not found." }), ["typed"], 400],
  "403 of a gateway": [json(403, GATEWAY), ["typed"], 403],
  "404": [json(404, { detail: "Not Found" }), ["typed"], 404],
  "413 of a gateway": [json(413, GATEWAY), ["typed"], 413],
  "500, nothing said": [json(500, { error: null }), ["typed"], 500],
  "500 as text": [json(500, "Internal Server Error"), ["typed"], 500],
  "502 of a gateway": [json(502, GATEWAY), ["typed"], 502],
  "503 of a gateway": [json(503, GATEWAY), ["typed"], 503],
};

const junk: Record<string, [fault: Fault, allowed: string[]]> = {
  "200 with a web page": [json(200, GATEWAY), ["ProtocolError"]],
  "200 with null": [json(200, null), ["ProtocolError"]],
  "200 without an event id": [json(200, {}), ["ProtocolError"]],
  "200 with an invalid event id": [json(200, { event_id: 7 }), ["ProtocolError"]],
  "200 with half a reply": [
    json(200, '{"event_id": "abc', { "content-type": "application/json" }),
    ["ProtocolError", "ConnectionError"],
  ],
};

export const joining: readonly Row[] = [
  ...Object.entries(unread).map(([name, breaks]): Row => ({
    family: "join, no reply",
    name: `the request unread: ${name}`,
    rules: [{ ...JOIN, fault: { breaks } }],
    allowed: ["ConnectionError(null)", "ConnectionError(false)"],
    bound: AT_ONCE,
    runs: 0,
    inPages: byChromium,
  })),
  ...Object.entries(replyLost).map(([name, fault]): Row => ({
    family: "join, reply lost",
    name,
    rules: [{ ...JOIN, fault }],
    allowed: ["ConnectionError(null)", "ConnectionError(true)", "right"],
    bound: AT_ONCE,
    inPages: byChromium,
  })),
  {
    family: "join, no answer",
    name: "before the app took it",
    rules: [{ ...JOIN, fault: { breaks: { at: "request", how: "stall" } } }],
    options: { timeout: 800 },
    allowed: ["TimeoutError(call)", "ConnectionError(null)"],
    bound: 800 + AT_ONCE,
  },
  {
    family: "join, no answer",
    name: "after the app took it",
    rules: [{ ...JOIN, fault: { breaks: { at: "answer", how: "stall" } } }],
    options: { timeout: 800 },
    allowed: ["TimeoutError(call)", "ConnectionError(null)", "ConnectionError(true)", "right"],
    bound: 800 + AT_ONCE,
  },
  ...Object.entries({
    "before the app took it": { at: "request", how: "reset" },
    "after the app took it": { at: "answer", how: "reset" },
  } satisfies Record<string, Break>).map(([name, breaks]): Row => ({
    family: "join, lost, with resubmit",
    name,
    rules: [{ ...JOIN, fault: { breaks } }],
    options: { resubmit: true },
    allowed: ["right"],
    bound: RETRIED,
    joins: 2,
  })),
  {
    family: "join, refused connection",
    name: "the server is back soon",
    rules: [],
    act: refused(250),
    allowed: ["right", "ConnectionError(false)", "ConnectionError(null)"],
    bound: RETRIED,
  },
  ...Object.entries(refusals).map(([name, [fault, allowed, status]]): Row => ({
    family: "join, refused",
    name,
    rules: [{ ...JOIN, times: "always", fault }],
    allowed,
    status,
    bound: AT_ONCE,
  })),
  {
    family: "join, refused",
    name: "the queue is full, with onQueueFull",
    rules: [{ ...JOIN, times: 2, fault: json(503, { detail: "Queue is full. Max size is 2 and size is 2." }) }],
    options: { onQueueFull: "wait" },
    allowed: ["right"],
    bound: RETRIED + AT_ONCE,
    joins: 3,
    runs: 1,
  },
  {
    family: "join, too many requests",
    name: "429 that asks for a second",
    rules: [{ ...JOIN, fault: json(429, "slow down", { "retry-after": "1" }) }],
    allowed: ["right", "RateLimitError(1000)"],
    bound: RETRIED,
    joins: 2,
    runs: 1,
  },
  {
    family: "join, too many requests",
    name: "429 that asks for an hour",
    rules: [{ ...JOIN, times: "always", fault: json(429, "slow down", { "retry-after": "3600" }) }],
    allowed: ["RateLimitError(3600000)"],
    status: 429,
    bound: AT_ONCE,
    runs: 0,
  },
  {
    family: "join, too many requests",
    name: "429 that asks for more than the call has",
    rules: [{ ...JOIN, times: "always", fault: json(429, "slow down", { "retry-after": "5" }) }],
    options: { timeout: 3_000 },
    allowed: ["RateLimitError(5000)"],
    bound: AT_ONCE,
    runs: 0,
  },
  ...Object.entries(junk).map(([name, [fault, allowed]]): Row => ({
    family: "join, junk",
    name,
    rules: [{ ...JOIN, fault }],
    allowed,
    bound: AT_ONCE,
  })),
  {
    family: "join, odd but valid",
    name: "a late reply",
    rules: [{ ...JOIN, fault: { breaks: { at: "answer", how: "stall", for: 700 } } }],
    allowed: ["right"],
    bound: AT_ONCE,
  },
  {
    family: "join, odd but valid",
    name: "byte by byte",
    rules: [{ ...JOIN, fault: { head: { frame: "chunked" }, body: { pieces: 1 } } }],
    allowed: ["right"],
    bound: AT_ONCE,
  },
  {
    family: "join, odd but valid",
    name: "all messages before the reply",
    rules: [{ ...JOIN, nth: 2, fault: { breaks: { at: "answer", how: "stall", for: 700 } } }],
    act: besideAnother,
    allowed: ["right"],
    bound: RETRIED,
    joins: 2,
  },
  {
    family: "join, odd but valid",
    name: "another call's join fails meanwhile",
    rules: [{ ...JOIN, nth: 2, fault: json(500, "Internal Server Error") }],
    act: besideAnother,
    allowed: ["typed"],
    bound: RETRIED,
    joins: 2,
    runs: 1,
  },
  {
    family: "join, odd but valid",
    name: "another call's reply is lost meanwhile",
    rules: [{ ...JOIN, nth: 2, fault: { breaks: { at: "answer", how: "reset" } } }],
    act: besideAnother,
    allowed: ["ConnectionError(null)", "ConnectionError(true)", "right"],
    bound: RETRIED,
    joins: 2,
    inPages: { ...byChromium, joins: 3 },
  },
];
