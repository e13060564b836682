import { parseConfig } from "../app/config.ts";
import { markedFiles, plainFiles } from "../data/dialect.ts";
import { ProtocolError } from "../errors.ts";
import type { Answer, Http, PlainRequest } from "../http/request.ts";
import { loadPart } from "../load.ts";
import type { Generation, Traits } from "./generation.ts";
import { SessionProtocol } from "./session-streams/session-protocol.ts";

/** Options of the request for a configuration. */
export type ConfigRequest = Pick<PlainRequest, "signal" | "idempotent" | "toError"> & {
  /** With its query. */
  path: string;
};

/**
 * Requests an app's configuration, and chooses its generation (PROTOCOL.md, 1.2 and 2.1). Nothing else compares the app's protocol or
 * version.
 *
 * @returns the generation, and the address that answered.
 * @throws ProtocolError where there is no Gradio app, or one whose protocol is unknown.
 */
export async function requestGeneration(
  http: Http,
  request: ConfigRequest,
): Promise<{ generation: Generation; address: string }> {
  const answer = await requestConfig(http, request);
  return { generation: await generationOf(answer, http), address: answer.url };
}

/** Requests the configuration. Early apps of Gradio 3 have it in their page only. */
async function requestConfig(http: Http, request: ConfigRequest): Promise<Answer> {
  try {
    return await http.send(request);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.status !== 404) throw error;
    const { requestPage } = await loadGradio3();
    const page = await requestPage(http, request);
    if (!page) throw error;
    return page;
  }
}

async function generationOf(answer: Answer, source: Http): Promise<Generation> {
  const config = parseConfig(answer, (text) => source.quote(text));
  const { protocol, version, prefix } = config;
  const traits = traitsOf(protocol, version);
  switch (protocol) {
    case "ws":
      return (await loadGradio3()).gradio3(answer, traits);
    case "sse": {
      const { callEventStreams } = await loadPart(() => import("./sse/event-stream-call.ts"));
      const openProtocol: Generation["openProtocol"] = (own, hash, app) =>
        callEventStreams(hash, { http: own, prefix, traits, app });
      return { config, traits, files: () => plainFiles, openProtocol };
    }
    case "sse_v1":
    case "sse_v2":
    case "sse_v2.1":
    case "sse_v3":
      return {
        config,
        traits,
        files: protocol === "sse_v1" || protocol === "sse_v2" ? () => plainFiles : () => markedFiles,
        openProtocol: (own, hash, app) =>
          new SessionProtocol(hash, { http: own, prefix, traits, heartbeat: true, app }),
      };
    default:
      throw new ProtocolError(
        `The app speaks the protocol ${JSON.stringify(protocol)} (Gradio ${version}), which this version of the SDK does not support.`,
      );
  }
}

async function loadGradio3(): Promise<typeof import("./gradio3/generation.ts")> {
  return await loadPart(() => import("./gradio3/generation.ts"));
}

/**
 * Returns the traits of an app.
 *
 * @param protocol - as in the configuration.
 * @param version - of Gradio; one that cannot be read counts as the newest.
 */
export function traitsOf(protocol: string, version: string): Traits {
  return {
    diffs: protocol.startsWith("sse_v") && protocol !== "sse_v1",
    unquote: isBefore(version, 5, 2) ? unquote : null,
    cancels: !isBefore(version, 4, 31),
    remembers: protocol === "sse_v3",
    dequeues: !isBefore(version, 6, 14),
  };
}

function isBefore(version: string, major: number, minor: number): boolean {
  // A comparison with NaN is false.
  const [ownMajor = NaN, ownMinor = NaN] = version.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

const named: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Returns a text without the quotes and escapes of Python's `repr`: `'it\'s'` → `it's`. Before 5.2 the texts of errors have
 * them (PROTOCOL.md, 3.9). A text without quotes is returned as it is.
 */
export function unquote(text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) return text;
  const escape = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([\s\S]))/g;
  return text.slice(1, -1).replaceAll(escape, (_, x?: string, u?: string, long?: string, one?: string) => {
    const code = x ?? u ?? long;
    if (code === undefined) return named[one ?? ""] ?? one ?? "";
    const point = Number.parseInt(code, 16);
    return point <= 0x10_ff_ff ? String.fromCodePoint(point) : "\uFFFD";
  });
}
