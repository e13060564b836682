import type { CallTool, Client, FileData, McpTool, StatusEvent } from "@gradio-rx/node";
import type { CallToolResult, ContentBlock, Notification, ProgressToken } from "@modelcontextprotocol/server";
import { pathToFileURL } from "node:url";
import { limited } from "../connect.ts";
import { filesIn, mapFiles } from "../output.ts";
import { saveFiles } from "../save.ts";
import { inlineData, mimeTypeOf } from "./files.ts";

/** One tool, and the app behind it. */
export interface Served {
  tool: McpTool;
  call: CallTool;
  client: Client;
  /** Folder that files of results are saved in. */
  out: string | undefined;
  /** Maximum time of a call, as `--timeout` says it. */
  timeout: string | undefined;
}

/** A client's request that calls a tool. */
export interface ToolRequest {
  signal: AbortSignal;
  progressToken: ProgressToken | undefined;
  notify: (notification: Notification) => Promise<void>;
}

/** Maximum time without a message, in milliseconds. Clients cancel calls that send no progress. */
const SILENCE = 4_000;

/** Calls a tool. An error is returned as a result, which the model reads. */
export async function callTool(
  { tool, call, client, out, timeout }: Served,
  args: Record<string, unknown>,
  request: ToolRequest,
): Promise<CallToolResult> {
  const progress = new Progress(request);
  try {
    const options = timeout === undefined ? {} : { timeout };
    const signal = limited({ options, signal: request.signal }, "The call");
    const made = await call(tool.name, args, { signal, onStatus: (event) => progress.tell(event) });
    const result = out === undefined ? made : await saveFiles(client, made, out, signal);
    return { content: await contentOf(client, result, signal), structuredContent: { result } };
  } catch (error) {
    return { content: [{ type: "text", text: error instanceof Error ? error.message : String(error) }], isError: true };
  } finally {
    progress.end();
  }
}

/** Sends the progress of a call, where the client requested it: with each status, and again while nothing changes. */
class Progress {
  readonly #request: ToolRequest;
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #message = "Starting";

  constructor(request: ToolRequest) {
    this.#request = request;
    this.#timer = setInterval(() => this.#send(), SILENCE);
  }

  tell({ msg, success }: StatusEvent): void {
    if (success !== null) return;
    this.#message = msg;
    this.#send();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    const { progressToken, notify } = this.#request;
    if (progressToken === undefined) return;
    // The protocol wants a number that grows; where a call stands is in the message.
    const params = { progressToken, progress: ++this.#count, message: this.#message };
    // A client that has gone is told by its call.
    void notify({ method: "notifications/progress", params }).catch(() => undefined);
  }
}

/** Returns a result for a model: its text, small images and sounds, and a link to each file. */
async function contentOf(client: Client, result: unknown, signal: AbortSignal): Promise<ContentBlock[]> {
  const files = filesIn(result);
  const media: ContentBlock[] = [];
  for (const file of files) {
    const inline = await mediaOf(client, file, signal);
    if (inline) media.push(inline);
  }
  return [{ type: "text", text: textOf(result) }, ...media, ...files.map(linkOf)];
}

function textOf(result: unknown): string {
  if (typeof result === "string") return result;
  const shown = mapFiles(result, (file) => file.localPath ?? file.url);
  return typeof shown === "string" ? shown : (JSON.stringify(shown) ?? "null");
}

async function mediaOf(client: Client, file: FileData, signal: AbortSignal): Promise<ContentBlock | undefined> {
  const mimeType = mimeTypeOf(file);
  const [kind] = mimeType?.split("/") ?? [];
  if (mimeType === undefined || (kind !== "image" && kind !== "audio")) return undefined;
  const data = await inlineData(client, file, signal);
  return data === undefined ? undefined : { type: kind, data, mimeType };
}

function linkOf(file: FileData): ContentBlock {
  const { localPath, url, origName, path, size } = file;
  const mimeType = mimeTypeOf(file);
  return {
    type: "resource_link",
    uri: localPath === undefined ? url : pathToFileURL(localPath).href,
    name: origName ?? path.split(/[/\\]/).at(-1) ?? "file",
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(size === null ? {} : { size }),
  };
}
