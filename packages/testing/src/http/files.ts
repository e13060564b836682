import { isSafeToShow, mediaType } from "../values/media-type.ts";
import type { StoredFile } from "../values/file-store.ts";
import { cleanName } from "../values/file-store.ts";
import { parseFiles } from "./form.ts";
import type { Handler } from "./server-context.ts";
import { detailReply, jsonReply, textReply } from "./replies.ts";

/** `POST /upload` */
export const upload: Handler = async (request, _, server) => {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) return detailReply(400, "Invalid content type.");
  if (!/boundary=/i.test(type)) return textReply("Missing boundary in multipart.", 400);
  let files: File[];
  try {
    files = await parseFiles(await request.arrayBuffer(), type, "files");
  } catch {
    return textReply("There was an error parsing the body", 400);
  }
  const limit = server.settings.maxFileSize ?? Number.POSITIVE_INFINITY;
  if (files.some(({ size }) => size > limit)) {
    return textReply(`File size exceeded maximum allowed size of ${String(limit)} bytes.`, 413);
  }
  const stored = await Promise.all(files.map((file) => server.store.add(file, cleanName(file.name))));
  return jsonReply(stored.map(({ path }) => path));
};

/** `GET` and `HEAD /file=<path>` */
export const serveFile: Handler = async (request, { path = "" }, server) => {
  const file = server.store.get(path);
  if (file === undefined) return detailReply(403, `File not allowed: ${path}.`);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range")?.trim() ?? "");
  const [, from = "", to = ""] = range ?? [];
  if (from !== "" && to !== "") return await closedRange(request, file, Number(from), Number(to));
  const { size } = file.content;
  const headers = fileHeaders(file);
  if (from === "" && to === "") return await answer(request, file.content, 200, headers);
  const start = from === "" ? Math.max(size - Number(to), 0) : Number(from);
  if (start >= size) {
    const unsatisfied = { "content-range": `bytes */${String(size)}`, "content-type": "text/plain; charset=utf-8" };
    return new Response(null, { status: 416, headers: { ...unsatisfied, "content-length": "0" } });
  }
  const part = { "content-range": `bytes ${String(start)}-${String(size - 1)}/${String(size)}` };
  return await answer(request, file.content.slice(start), 206, { ...headers, ...part });
};

async function answer(
  request: Request,
  content: Blob,
  status: number,
  headers: Record<string, string>,
): Promise<Response> {
  const body = request.method === "HEAD" ? null : await content.arrayBuffer();
  return new Response(body, { status, headers: { ...headers, "content-length": String(content.size) } });
}

function fileHeaders(file: StoredFile): Record<string, string> {
  const { type, disposition } = mediaHeaders(file.name);
  const quoted = encodeURIComponent(file.name);
  const named = quoted === file.name ? `filename="${file.name}"` : `filename*=utf-8''${quoted}`;
  return {
    "accept-ranges": "bytes",
    "content-type": type.startsWith("text/") ? `${type}; charset=utf-8` : type,
    "content-disposition": `${disposition}; ${named}`,
    "last-modified": new Date(file.since).toUTCString(),
    etag: `"${file.hash.slice(0, 32)}"`,
  };
}

function mediaHeaders(name: string): { type: string; disposition: "inline" | "attachment" } {
  const type = mediaType(name);
  if (type === undefined || !isSafeToShow(type)) return { type: "application/octet-stream", disposition: "attachment" };
  return { type, disposition: "inline" };
}

/** Responds to a range with both ends. Like Gradio, it copies all headers of the request to the response, secrets included. */
async function closedRange(request: Request, file: StoredFile, from: number, to: number): Promise<Response> {
  const { size } = file.content;
  if (from >= size)
    return detailReply(416, "Requested Range Not Satisfiable", { "content-range": `bytes */${String(size)}` });
  const end = Math.min(to, size - 1);
  const { type, disposition } = mediaHeaders(file.name);
  const headers = new Headers(request.headers);
  headers.set("content-disposition", disposition);
  headers.set("content-type", type);
  const content = file.content.slice(from, end + 1);
  headers.set("content-range", `bytes ${String(from)}-${String(end)}/${String(size)}`);
  headers.set("content-length", String(content.size));
  const body = request.method === "HEAD" ? null : await content.arrayBuffer();
  return new Response(body, { status: 206, headers });
}
