import type { Fault } from "@gradio-rx/testing";
import { AT_ONCE, type Row, STREAM } from "../row.ts";

const pieces = { head: { frame: "chunked" }, body: { pieces: 1 } } as const;
const likeData = ': data: {"msg":"process_completed","event_id":"x","success":true,"output":{"data":["no"]}}\n';

const shapes: Record<string, Fault> = {
  "lines end with CR": { events: { lineEnd: "\r" } },
  "lines end with CRLF": { events: { lineEnd: "\r\n" } },
  "lines end as they like": { events: { lineEnd: "mixed" } },
  "lines end with CR, byte by byte": { ...pieces, events: { lineEnd: "\r" } },
  "lines end with CRLF, byte by byte": { ...pieces, events: { lineEnd: "\r\n" } },
  "lines end as they like, byte by byte": { ...pieces, events: { lineEnd: "mixed" } },
  "a byte order mark": { events: { prefix: "\uFEFF" } },
  "a byte order mark, byte by byte": { ...pieces, events: { prefix: "\uFEFF" } },
  comments: { events: { prefix: ": hello\n\n", lines: ": a comment\n:\n" } },
  "comments that look like data": { events: { lines: likeData } },
  "no blank after the colon": { events: { bare: true } },
  "several data lines": { events: { split: true } },
  "several data lines that end with CRLF, byte by byte": { ...pieces, events: { split: true, lineEnd: "\r\n" } },
  "id, event, retry and unknown fields": { events: { lines: "id: 7\nevent: odd\nretry: 1\nunknown: x\nnocolon\n" } },
  "invalid retry, invalid ids": {
    events: { lines: "retry: -1\nretry: 99999999999999999999\nid: \0\nid\n" },
  },
  "byte by byte": pieces,
  "in chunks of five bytes": { head: { frame: "chunked" }, body: { pieces: 5 } },
  "HTTP/1.0": { head: { version: "1.0" } },
  "interim answers first": { head: { interim: [103] } },
  "a wrong content type": { head: { headers: { "content-type": "application/octet-stream" } } },
};

export const odd: readonly Row[] = Object.entries(shapes).map(([name, fault]) => ({
  family: "stream, odd but valid",
  name,
  rules: [{ ...STREAM, times: "always", fault }],
  allowed: ["right"],
  similar: name.includes(", byte by byte"),
  bound: AT_ONCE,
}));
