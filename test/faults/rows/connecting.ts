import type { Fault } from "@gradio-rx/testing";
import { refused } from "../actions.ts";
import { AT_ONCE, CONFIG, GATEWAY, INFO, RETRIED, type Row } from "../row.ts";

const kept = { frame: "chunked", headers: { connection: "close" } } as const;

/** Transient faults: a retry succeeds. */
const passing: Record<string, Fault> = {
  "closed with the request unread": { breaks: { at: "request", how: "close" } },
  "reset with the request unread": { breaks: { at: "request", how: "reset" } },
  "closed before the reply": { breaks: { at: "answer", how: "close" } },
  "reset before the reply": { breaks: { at: "answer", how: "reset" } },
  "closed within the headers": { breaks: { at: "head", how: "close" } },
  "closed within the body": { breaks: { at: { byte: 120 }, how: "close" } },
  "reset within the body": { breaks: { at: { byte: 120 }, how: "reset" } },
  "closed within a chunked body of a connection that closes": {
    head: kept,
    breaks: { at: { byte: 120 }, how: "close" },
  },
  "closed before a chunked body of a connection that closes": { head: kept, breaks: { at: { byte: 0 }, how: "close" } },
  "500 as text": { answer: { status: 500, headers: { "content-type": "text/plain" }, body: "Internal Server Error" } },
  "502 of a gateway": { answer: { status: 502, body: GATEWAY } },
  "503 as JSON": { answer: { status: 503, body: { detail: "starting" } } },
  "504 of a gateway": { answer: { status: 504, body: GATEWAY } },
  "429 that asks for a second": { answer: { status: 429, headers: { "retry-after": "1" }, body: "slow down" } },
  "429 with a date in the past": {
    answer: { status: 429, headers: { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, body: "slow down" },
  },
  "503 that asks for nonsense": { answer: { status: 503, headers: { "retry-after": "-1e999 apples" }, body: "" } },
  "an answer that is not HTTP": { raw: "SSH-2.0-OpenSSH_9.6\r\n" },
};

/** Permanent faults: retries do not help. */
const lasting: Record<string, [fault: Fault, allowed: string[], status?: number]> = {
  "401": [{ answer: { status: 401, body: { detail: "Not authenticated" } } }, ["AuthenticationError"], 401],
  "403": [{ answer: { status: 403, body: GATEWAY } }, ["AuthenticationError"], 403],
  "500": [{ answer: { status: 500, body: "Internal Server Error" } }, ["ConnectionError"], 500],
  "502 of a gateway": [{ answer: { status: 502, body: GATEWAY } }, ["ConnectionError"], 502],
  "a redirect in a circle": [
    { answer: { status: 302, headers: { location: "$path$query" } } },
    ["ProtocolError", "ConnectionError"],
  ],
  "a web page": [{ answer: { body: GATEWAY } }, ["ProtocolError"]],
  "half a configuration": [
    { head: { frame: "connection" }, breaks: { at: { byte: 300 }, how: "end" } },
    ["ProtocolError", "ConnectionError"],
  ],
  "an empty answer": [{ answer: { body: "" } }, ["ProtocolError"]],
  null: [{ answer: { body: null } }, ["ProtocolError"]],
  "an array": [{ answer: { body: [] } }, ["ProtocolError"]],
  "an empty object": [{ answer: { body: {} } }, ["ProtocolError"]],
  "junk in the places of everything": [
    { answer: { body: { components: [null, 1], dependencies: [[], "x"], protocol: "sse_v3" } } },
    ["typed"],
  ],
  "broken compression": [{ body: { encoding: "broken gzip" } }, ["ProtocolError", "ConnectionError"]],
  "an answer that is not HTTP": [{ raw: "SSH-2.0-OpenSSH_9.6\r\n" }, ["ProtocolError", "ConnectionError"]],
  "closed before the reply": [{ breaks: { at: "answer", how: "close" } }, ["ConnectionError"]],
  "429 that asks for an hour": [
    { answer: { status: 429, headers: { "retry-after": "3600" }, body: "slow down" } },
    ["RateLimitError(3600000)"],
    429,
  ],
  "429 that asks for nothing": [{ answer: { status: 429, body: "slow down" } }, ["RateLimitError(null)"], 429],
};

/** Responses that are unusual but not faults. */
const harmless: Record<string, Fault> = {
  "in chunks of seven bytes": { head: { frame: "chunked" }, body: { pieces: 7 } },
  "a byte order mark": { body: { prefix: "\uFEFF" } },
  compressed: { body: { encoding: "gzip" } },
  "a wrong content type": { head: { headers: { "content-type": "text/plain" } } },
  "HTTP/1.0": { head: { version: "1.0" } },
  "interim answers first": { head: { interim: [103, 103] } },
  slow: { head: { frame: "chunked" }, body: { pieces: 20_000, pause: 60 } },
};

const odd = '{"unknown_field":{"a":[1]},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},';

export const connecting: readonly Row[] = [
  ...Object.entries(passing).flatMap(([name, fault]) =>
    [CONFIG, INFO].map((on): Row => ({
      family: "connect, passing",
      name: `${on.path}: ${name}`,
      rules: [{ ...on, fault }],
      connecting: true,
      similar: on === INFO,
      allowed: ["right"],
      bound: RETRIED,
    })),
  ),
  ...(["answer", { byte: 100 }] as const).map((at): Row => ({
    family: "connect, no answer",
    name: at === "answer" ? "no answer" : "half of one",
    rules: [{ ...CONFIG, fault: { breaks: { at, how: "stall" } } }],
    connecting: true,
    connect: { timeout: 1_500 },
    allowed: ["right", "TimeoutError(request)"],
    bound: RETRIED + 1_500,
  })),
  ...Object.entries(harmless).flatMap(([name, fault]) =>
    [CONFIG, INFO].map((on): Row => ({
      family: "connect, odd but valid",
      name: `${on.path}: ${name}`,
      rules: [{ ...on, times: "always", fault }],
      connecting: true,
      similar: on === INFO,
      allowed: ["right"],
      bound: RETRIED,
    })),
  ),
  {
    family: "connect, odd but valid",
    name: "a redirect within the origin",
    rules: [{ ...CONFIG, fault: { answer: { status: 307, headers: { location: "$path$query" } } } }],
    connecting: true,
    allowed: ["right"],
    bound: AT_ONCE,
  },
  {
    family: "connect, odd but valid",
    name: "unknown fields, and invalid keys",
    rules: [{ ...CONFIG, times: "always", fault: { body: { replace: { '{"version":': `${odd}"version":` } } } }],
    connecting: true,
    allowed: ["right", "ProtocolError"],
    bound: AT_ONCE,
  },
  {
    family: "connect, lasting",
    name: "refused",
    rules: [],
    act: refused(30_000),
    connecting: true,
    allowed: ["ConnectionError"],
    bound: RETRIED,
    connect: { timeout: 1_000 },
  },
  ...(["answer", { byte: 100 }] as const).map((at): Row => ({
    family: "connect, lasting",
    name: at === "answer" ? "no answer, ever" : "half an answer, ever",
    rules: [{ ...CONFIG, times: "always", fault: { breaks: { at, how: "stall" } } }],
    connecting: true,
    connect: { timeout: 500 },
    allowed: ["TimeoutError(request)", "ConnectionError"],
    bound: RETRIED + 1_500,
  })),
  ...Object.entries(lasting).map(([name, [fault, allowed, status]]): Row => ({
    family: "connect, lasting",
    name,
    rules: [{ ...CONFIG, times: "always", fault }],
    connecting: true,
    allowed,
    ...(status === undefined ? {} : { status }),
    bound: RETRIED,
  })),
  {
    family: "connect, lasting",
    name: "a body that inflates without end",
    rules: [{ ...CONFIG, times: "always", fault: { answer: { bomb: 400_000_000 } } }],
    connecting: true,
    connect: { limits: { body: 5_000_000 } },
    allowed: ["ProtocolError"],
    bound: RETRIED,
  },
  {
    family: "connect, lasting",
    name: "404 for both configuration and page",
    rules: [CONFIG, { method: "GET", path: "/" }].map((on) => ({
      ...on,
      times: "always",
      fault: { answer: { status: 404, body: { detail: "Not Found" } } },
    })),
    connecting: true,
    allowed: ["ProtocolError"],
    bound: RETRIED,
  },
  {
    family: "connect, lasting",
    name: "a configuration beyond the limit",
    rules: [],
    connecting: true,
    connect: { limits: { body: 1_000 } },
    allowed: ["ProtocolError"],
    bound: AT_ONCE,
  },
  {
    family: "connect, lasting",
    name: "a configuration of a hundred thousand levels",
    rules: [
      {
        ...CONFIG,
        times: "always",
        fault: {
          answer: {
            headers: { "content-type": "application/json" },
            body: `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
          },
        },
      },
    ],
    connecting: true,
    allowed: ["ProtocolError"],
    bound: AT_ONCE,
  },
  ...Object.entries({
    "500": { answer: { status: 500, body: "Internal Server Error" } },
    "404": { answer: { status: 404, body: { detail: "Not Found" } } },
    "a web page": { answer: { body: GATEWAY } },
    junk: { answer: { body: { named_endpoints: [1, null], unnamed_endpoints: "x" } } },
    reset: { breaks: { at: "answer", how: "reset" } },
  } satisfies Record<string, Fault>).map(([name, fault]): Row => ({
    family: "info fails, lasting",
    name,
    rules: [{ ...INFO, times: "always", fault }],
    connecting: true,
    allowed: ["right", "typed"],
    bound: RETRIED,
  })),
];
