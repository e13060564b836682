/**
 * Which rooms of core may import which: a room may import what stands right of it, its own files, and rxjs. Whatever else is
 * imported fails `arrows.spec.ts`. ARCHITECTURE.md prints this table.
 *
 * A row is a file (without its ending) or a folder; the longest that fits a file counts.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  index: [
    "api",
    "app/endpoints",
    "call/job",
    "call/map",
    "client",
    "connection",
    "data/files",
    "errors",
    "events",
    "http/fetch-transport",
    "http/socket-transport",
    "options",
    "protocol/connection-state",
    "transfer",
    "transport",
  ],
  client: [
    "api",
    "app/endpoints",
    "call",
    "connection",
    "data",
    "errors",
    "events",
    "http/fetch-transport",
    "options",
    "protocol",
    "submission",
    "transfer",
  ],
  submission: ["call", "connection", "data", "errors", "fields", "options", "transfer"],
  transfer: ["connection", "data", "errors", "options"],
  connection: ["app", "data/arguments", "http", "options", "protocol", "transport"],
  api: ["app/endpoints"],
  "call/call": [
    "call/again",
    "call/limits",
    "data/arguments",
    "errors",
    "events",
    "options",
    "protocol/protocol",
    "wire",
  ],
  "call/again": ["errors", "wire/messages"],
  "call/limits": ["errors", "timers", "wire/messages"],
  "call/job": ["call/iterate", "call/log", "errors", "events", "options", "timers"],
  "call/log": ["events"],
  "call/iterate": ["call/log", "events"],
  "call/map": ["call/job"],
  data: ["app/endpoints", "closest", "errors", "fields", "http"],
  app: ["errors", "fields", "http", "options"],
  protocol: ["errors", "fields", "http", "timers", "wire/messages"],
  wire: ["errors", "events", "fields"],
  http: ["errors", "timers", "transport"],
  options: ["closest", "errors", "events"],
  closest: [],
  fields: [],
  timers: [],
  transport: [],
  events: [],
  errors: [],
};

/** What may be imported from other packages, and where. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  rxjs: ["call", "client", "http/event-stream", "protocol", "wire/decoder"],
  ky: ["http/request"],
  "eventsource-parser": ["http/event-stream"],
};
