import type * as Http from "node:http";
import type { Socket } from "node:net";
import type * as Zlib from "node:zlib";
import { type AnswerHead, AnswerWriter, breakOff } from "./answer-writer.ts";
import { EventRewriter } from "./events.ts";
import type { Fault } from "./fault.ts";
import { compress, makeAnswer } from "./made-answer.ts";
import type { RequestHead, RequestReader } from "./read-request.ts";

/** Modules of Node. */
export interface NodeModules {
  http: typeof Http;
  zlib: typeof Zlib;
}

/** One request on a connection, and the fault that applies to it. */
export interface Exchange extends NodeModules {
  socket: Socket;
  reader: RequestReader;
  request: RequestHead;
  fault: Fault;
  /** URL of the app. */
  upstream: URL;
  /** Called when the request is forwarded to the app. */
  onForward: () => void;
}

type Body = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Handles one request. Resolves to whether the connection can be used for another one. */
export async function exchange(one: Exchange): Promise<boolean> {
  const { socket, reader, request, fault } = one;
  const { breaks, answer, raw, delay } = fault;
  const early =
    breaks?.at === "request"
      ? 0
      : typeof breaks?.at === "object" && "requestByte" in breaks.at
        ? breaks.at.requestByte
        : null;
  if (breaks && early !== null) {
    if (early > 0) await reader.body(request, early);
    reader.stop();
    if (breaks.how === "stall") return await stall(socket, breaks.for);
    await breakOff(socket, breaks.how === "reset" ? "reset" : "close");
    return false;
  }
  const body = answer?.unread ? Buffer.alloc(0) : await reader.body(request);
  if (body === null) return false;
  let abort = (): void => undefined;
  const writer = new AnswerWriter(socket, fault, () => abort());
  const forward = fault.forward ?? (answer === undefined && raw === undefined);
  const reply = forward ? send(one, body, (end) => (abort = end)) : null;
  if (answer !== undefined || raw !== undefined) await reply?.then(discard, () => undefined);
  if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
  if (raw !== undefined) {
    socket.end(Buffer.from(raw, "latin1"));
    return false;
  }
  try {
    const made = answer ? makeAnswer(answer, target(request), one.zlib) : null;
    if (made) await write(writer, made.head, made.body, one);
    else if (reply) {
      const response = await reply;
      await write(writer, headOf(response), response, one);
    } else await writer.head({ status: 502, reason: "Not forwarded", headers: [["content-length", "0"]] });
  } catch {
    // The app's response was aborted: so is this one, unless it is complete.
    if (!writer.ended) socket.destroy();
  }
  if (answer?.unread) socket.end(() => socket.destroy());
  return writer.reusable && !answer?.unread;
}

async function write(writer: AnswerWriter, head: AnswerHead, body: Body, { fault, zlib }: Exchange): Promise<void> {
  const { events = {}, body: change = {} } = fault;
  const streams = head.headers.some(([name, value]) => name === "content-type" && value.includes("event-stream"));
  const { encoding, prefix = "", replace } = change;
  if (encoding !== undefined || (replace && !streams)) {
    const plain = Buffer.from(prefix + replaced((await whole(body)).toString(), replace));
    const coded: AnswerHead["headers"] = encoding === undefined ? [] : [["content-encoding", "gzip"]];
    await writer.head({ ...head, headers: [...head.headers, ...coded] });
    await writer.part(encoding === undefined ? plain : compress(plain, encoding, zlib));
    return await writer.end();
  }
  await writer.head(head);
  await writer.part(Buffer.from(prefix));
  const rewriter = new EventRewriter(events);
  for await (const bytes of body) {
    if (writer.ended) return;
    if (!streams) await writer.part(bytes);
    else for (const event of rewriter.push(bytes)) await writer.part(Buffer.from(replaced(event.text, replace)), event);
  }
  for (const event of rewriter.end()) await writer.part(Buffer.from(event.text));
  await writer.end();
}

/** Sends a request to the app. */
function send(
  { http, request, upstream, socket, onForward }: Exchange,
  body: Buffer,
  ends: (end: () => void) => void,
): Promise<Http.IncomingMessage> {
  const { "transfer-encoding": _, connection: __, ...headers } = request.headers;
  onForward();
  return new Promise((resolve, reject) => {
    const sent = http.request({
      host: upstream.hostname,
      port: upstream.port,
      method: request.method,
      path: `${upstream.pathname.replace(/\/$/, "")}${request.target}`,
      // The proxy has to read the response, too.
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(body.length > 0 ? { "content-length": body.length } : {}),
      },
      agent: false,
    });
    const end = (): void => void sent.destroy();
    ends(end);
    socket.once("close", end);
    sent.once("close", () => socket.off("close", end));
    sent.on("error", reject);
    sent.on("response", resolve);
    sent.end(body);
  });
}

function headOf(response: Http.IncomingMessage): AnswerHead {
  const { rawHeaders, statusCode: status = 500, statusMessage: reason = "" } = response;
  const headers: AnswerHead["headers"] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.push([rawHeaders[at]!.toLowerCase(), rawHeaders[at + 1]!]);
  const bare = status === 204 || status === 304;
  if (bare && !headers.some(([name]) => name === "content-length")) headers.push(["content-length", "0"]);
  return { status, reason, headers: headers.filter(([name]) => name !== "keep-alive") };
}

/** Returns path, query and origin of a request. */
function target({ target: text, headers }: RequestHead): { path: string; query: string; origin: string | undefined } {
  const [path = "/", ...query] = text.split(/(?=\?)/);
  return { path, query: query.join(""), origin: headers["origin"] };
}

function replaced(text: string, table: Readonly<Record<string, string>> = {}): string {
  return Object.entries(table).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

async function whole(body: Body): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** Reads and discards the app's response. */
function discard(response: Http.IncomingMessage): void {
  response.on("error", () => undefined);
  response.resume();
}

/** Waits until the client disconnects, or for some milliseconds; then closes the connection. */
async function stall(socket: Socket, wait: number | undefined): Promise<false> {
  await new Promise((resolve) => {
    socket.once("close", resolve);
    socket.resume();
    if (wait !== undefined) setTimeout(resolve, wait);
  });
  socket.destroy();
  return false;
}
