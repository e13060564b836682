import * as fc from "fast-check";
import { lastValueFrom, toArray } from "rxjs";
import { withCookies } from "../../../packages/node/src/cookies.ts";
import { safeName } from "../../../packages/node/src/names.ts";
import { GradioError, RateLimitError } from "../../../packages/core/src/errors.ts";
import { eventStream } from "../../../packages/core/src/http/body.ts";
import { type RedirectRules, sendFollowingRedirects } from "../../../packages/core/src/http/redirects.ts";
import { Secrets } from "../../../packages/core/src/http/secrets.ts";
import { quote, statusError } from "../../../packages/core/src/http/errors.ts";
import { Http } from "../../../packages/core/src/http/request.ts";
import { RetryBudget } from "../../../packages/core/src/http/retry.ts";
import type { Transport, TransportResponse } from "../../../packages/core/src/transport.ts";
import { must, target } from "../target.ts";

const { signal } = new AbortController();

/** Parses the `data` of each event as the standard describes: the whole text, line by line. */
function plainly(text: string): string[] {
  const events: string[] = [];
  let data: string[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  // Text after the last line end does not form a line.
  for (const line of lines.slice(0, -1)) {
    const [, field = line, value = ""] = /^([^:]*):? ?([^]*)$/.exec(line) ?? [];
    if (line === "") {
      if (data.length > 0) events.push(data.join("\n"));
      data = [];
    } else if (field === "data") data.push(value);
  }
  return events;
}

const words = [
  "data",
  "data:",
  "data: ",
  "event: x",
  "id: 1",
  "retry: 5",
  ":",
  ": comment",
  "\n",
  "\n",
  "\n\n",
  "\r",
  "\r\n",
  "\uFEFF",
  "{}",
  " ",
  "x",
  "é",
  "😀",
  "\0",
];

/** Any bytes in any chunks result in the events that the standard defines. */
export const stream = target({
  name: "event-stream",
  inputs: fc.record({
    bytes: fc.oneof(
      fc
        .tuple(
          fc.constantFrom("", "", "\uFEFF", "\uFEFF\uFEFF"),
          fc.array(fc.constantFrom(...words), { maxLength: 30 }),
        )
        .map(([mark, parts]) => Array.from(new TextEncoder().encode(mark + parts.join("")))),
      fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(10, 13, 58, 100)), { maxLength: 60 }),
    ),
    cuts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  }),
  async check({ bytes, cuts }) {
    const pieces: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = cuts[turn % cuts.length]!;
      pieces.push(Uint8Array.from(bytes.slice(at, at + size)));
      at += size;
    }
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        controller.close();
      },
    });
    const read = await lastValueFrom(
      eventStream({ open: async () => new Response(body), limit: 1_000_000 }).pipe(toArray()),
    );
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
    // The standard does not cover a byte order mark that was decoded as Latin-1 and encoded again.
    if (text.startsWith("\u00EF\u00BB\u00BF")) return;
    must(
      JSON.stringify(read) === JSON.stringify(plainly(text)),
      `${JSON.stringify(read)} in place of ${JSON.stringify(plainly(text))}`,
    );
  },
});

/** The wait that a server asks for is a time or nothing. */
export const retryAfter = target({
  name: "retry-after",
  inputs: fc.oneof(
    fc.string({ unit: fc.constantFrom("0", "9", "-", "+", ".", "e", "x", " ", "n") }),
    fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) }),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  ),
  check(value) {
    const headers = new Headers({ "retry-after": value });
    const error = statusError({ status: 429, headers }, "", new URL("http://app.test/"));
    must(error instanceof RateLimitError, "429 is a RateLimitError");
    const { retryAfter: wait } = error;
    must(wait === null || (Number.isFinite(wait) && wait >= 0), `a wait of ${String(wait)}`);
  },
});

// oxlint-disable-next-line no-control-regex -- these characters are not allowed in names
const bad = /[/\\:*?"<>|\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/;
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;

/** Any name becomes a name that is valid on Windows and Unix and stays within its folder. */
export const names = target({
  name: "names",
  inputs: fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          "CON",
          "nul",
          "com1",
          "COM¹",
          ".",
          "..",
          "/",
          "\\",
          " ",
          ":",
          "\0",
          "a",
          ".txt",
          "é",
          "😀",
          "\u202E",
          "x".repeat(190),
          "ü".repeat(99),
          "\uD800",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("")),
  ),
  check(name) {
    const safe = safeName(name);
    must(safe !== "" && safe !== "." && safe !== "..", `${JSON.stringify(safe)} is not a name`);
    must(!bad.test(safe), `${JSON.stringify(safe)} contains characters that names must not contain`);
    must(!/^[. ]|[. ]$/.test(safe), `${JSON.stringify(safe)} begins or ends with a dot or a blank`);
    must(!reserved.test(safe), `${JSON.stringify(safe)} is a device`);
    must(Buffer.byteLength(safe) <= 201, `${JSON.stringify(safe)} is too long`);
    must(safeName(safe) === safe, `${JSON.stringify(safe)} is made ${JSON.stringify(safeName(safe))}`);
  },
});

const origins = [
  "http://app.test",
  "http://app.test:81",
  "https://app.test",
  "http://evil.test",
  "http://sub.app.test",
];

/** Cookies are sent to the origin that set them, and to no other origin. */
export const cookies = target({
  name: "cookies",
  inputs: fc.array(
    fc.record({
      origin: fc.constantFrom(...origins),
      path: fc.constantFrom("/", "/a", "/a/b", "/__proto__"),
      name: fc.oneof(fc.constantFrom("a", "__proto__", "constructor", ""), fc.string({ maxLength: 5 })),
      rest: fc.oneof(
        fc.constantFrom(
          "",
          "; Path=/",
          "; Path=/a",
          "; Domain=app.test",
          "; Domain=.test",
          "; Domain=evil.test",
          "; Secure",
          "; Max-Age=0",
          "; Max-Age=x",
        ),
        fc.string({ maxLength: 12 }),
      ),
    }),
    { maxLength: 8 },
  ),
  async check(steps) {
    let setting = "";
    const sent: string[] = [];
    const transport: Transport = {
      async send(request) {
        sent.push(request.headers["cookie"] ?? "");
        const response = new Response("");
        try {
          response.headers.append("set-cookie", setting);
        } catch {
          // Such a header cannot be received.
        }
        return response;
      },
      upload: () => Promise.reject(new Error("no uploads here")),
    };
    const jar = withCookies(transport);
    for (const { origin, path, name, rest } of steps) {
      // The value contains the origin that set it.
      setting = `${name}=from<${origin}>${rest}`;
      await jar.send({ url: origin + path, headers: {}, signal });
      const others = origins.filter((other) => other !== origin);
      must(!others.some((other) => sent.at(-1)!.includes(`<${other}>`)), `${sent.at(-1)} went to ${origin}`);
    }
  },
});

const locations = [
  "//evil.test",
  "http://evil.test/x",
  "https://app.test/",
  "http://app.test:81",
  "javascript:1",
  "data:,x",
  "file:///x",
  "http://u:p@app.test/",
  "http://u:p@evil.test/",
  "/a",
  "?b",
  "",
  "\\\\evil.test",
  "/\\evil.test",
  "http:evil.test",
  "http:/x",
  "ws://app.test",
  "HTTP://APP.TEST/c",
];

/** A redirect to another origin carries no data of the caller, and only HTTP URLs are requested. */
export const redirects = target({
  name: "redirects",
  inputs: fc.record({
    hops: fc.array(
      fc.tuple(
        fc.constantFrom(200, 300, 301, 302, 303, 304, 307, 308, 399),
        fc.oneof(
          fc.constantFrom(...locations),
          fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)), maxLength: 8 }),
        ),
      ),
      { maxLength: 12 },
    ),
    post: fc.boolean(),
    rules: fc.constantFrom<Omit<RedirectRules, "origin" | "secrets">>(
      { crossOrigin: "error" },
      { crossOrigin: "anonymous" },
      { redirect: "manual" },
    ),
  }),
  async check({ hops, post, rules }) {
    let hop = 0;
    const transport: Transport = {
      async send(request) {
        const url = new URL(request.url);
        must(url.protocol === "http:" || url.protocol === "https:", `${request.url} was opened`);
        must(url.username === "" && url.password === "", `${request.url} was opened`);
        if (url.origin !== "http://app.test") {
          must(rules.crossOrigin === "anonymous", `${request.url} was opened`);
          must(
            request.headers["x-secret"] === undefined && request.body === undefined,
            `${request.url} was told a secret`,
          );
        }
        const [status, location] = hops[hop++] ?? [200, ""];
        return status === 200 ? new Response("ok") : new Response(null, { status, headers: { location } });
      },
      upload: () => Promise.reject(new Error("no uploads here")),
    };
    const headers = { "x-secret": "secret" };
    const request = { url: "http://app.test/", headers, body: post ? "secret" : undefined, signal };
    try {
      await sendFollowingRedirects(transport, request, { origin: "http://app.test", secrets: new Secrets(), ...rules });
    } catch (error) {
      if (!(error instanceof GradioError)) throw error;
    }
  },
});

/** Text of a server is quoted up to a limit and without a token. */
export const quoting = target({
  name: "quote",
  inputs: fc.tuple(
    fc.string({ maxLength: 300 }),
    fc.constantFrom("Bearer ", "authorization: ", '"cookie":"', "?__sign=", "http://user:", ""),
    fc.string({ maxLength: 300 }),
  ),
  check([before, lead, after]) {
    const said = quote(`${before} ${lead}hf_SECRETsecretSECRET@ ${after}`);
    must(said.length <= 201, `${said.length} characters`);
    must(!said.includes("SECRETsecretSECRET"), said);
  },
});

const marks = ["SECRET-of-the-token", 'SECRET of/the "password"ß', "SECRETofTheSession"];

/** Writes a secret as a server may repeat it. */
const writings: ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => encodeURIComponent(secret).replace(/%../g, (byte) => byte.toLowerCase()),
  (secret) => new URLSearchParams({ a: secret }).toString().slice(2),
  (secret) => JSON.stringify(secret).slice(1, -1),
  (secret) => secret.replaceAll('"', "&quot;"),
];

/** Any response of a server gives a value or a typed error, which contains no secret and no control characters. */
export const answers = target({
  name: "answers",
  inputs: fc.record({
    status: fc.constantFrom(200, 201, 204, 300, 302, 400, 401, 403, 404, 413, 422, 429, 500, 503, 599),
    headers: fc.array(
      fc.tuple(
        fc.constantFrom("location", "retry-after", "content-type", "content-encoding", "content-length", "set-cookie"),
        fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
      ),
      { maxLength: 3 },
    ),
    parts: fc.array(
      fc.oneof(
        fc.constantFrom(
          "{",
          "}",
          "[",
          "]",
          '"',
          ":",
          ",",
          "null",
          '{"detail":"',
          '{"error":',
          "<title>",
          "\u001b[2J",
          "\r\n",
        ),
        fc.tuple(fc.nat(marks.length - 1), fc.nat(writings.length - 1)),
        fc.string({ unit: "grapheme", maxLength: 10 }),
      ),
      { maxLength: 12 },
    ),
    kind: fc.constantFrom("send", "post", "file", "upload"),
  }),
  async check({ status, headers, parts, kind }) {
    const body = parts.map((part) => (typeof part === "string" ? part : writings[part[1]]!(marks[part[0]]!))).join("");
    const answer = async (): Promise<TransportResponse> => {
      const response = new Response(new Set([204, 304]).has(status) ? null : body, { status });
      for (const [name, value] of headers) response.headers.append(name, value);
      return response;
    };
    const http = new Http({
      base: new URL("http://app.test/"),
      transport: { send: answer, upload: answer },
      secrets: new Secrets(marks),
      credentials: {},
      timeout: 1_000,
      retry: { limit: 0, minDelay: 1, maxDelay: 1, budget: new RetryBudget() },
      limits: { event: 1_000, body: 1_000_000, depth: 20, pendingMessages: 1, pendingBytes: 1_000, logs: 1_000 },
      closed: signal,
    });
    const upload = { signal, onProgress: () => undefined };
    const ask = {
      send: () => http.send({ path: "config", idempotent: true }),
      post: () => http.send({ path: "queue/join", json: {} }),
      file: () => http.openFile(new URL("http://app.test/file=x"), { signal }),
      upload: () => http.upload("upload", [{ name: "a", blob: new Blob(["x"]) }], upload),
    };
    try {
      await ask[kind]();
    } catch (error) {
      must(error instanceof GradioError, `${String(error)} is not a GradioError`);
      const told = `${error.message} ${error.stack ?? ""} ${JSON.stringify(error)}`;
      for (const mark of marks)
        for (const write of writings) must(!told.includes(write(mark)), `${told} contains ${write(mark)}`);
      // oxlint-disable-next-line no-control-regex -- these are the characters that must be gone
      const isClean = !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(error.message);
      must(isClean, `control characters in ${told}`);
    }
  },
});
