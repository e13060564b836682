// Server of the bench: the newest protocol, fast enough not to influence the measurements. `POST /bench/setup` sets its
// behaviour, `GET /bench/counts` returns its counts.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { block } from "../values.ts";
import { describeApp } from "./description.ts";
import { Jobs } from "./jobs.ts";
import { Sessions } from "./sessions.ts";
import { type Counts, plain, type Setup } from "./setup.ts";

/** Milliseconds between two heartbeat messages. */
const BEAT = 15_000;

let counts: Counts = { requests: {}, connections: 0, uploaded: 0 };
let setup: Setup = plain;
let sessions = new Sessions();
let jobs = new Jobs(setup, sessions);
let description = { config: "", info: "" };

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});
server.on("connection", () => counts.connections++);
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
// Exits together with the process that started it.
process.stdin.on("end", () => process.exit(0)).resume();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://server");
  const path = url.pathname.replace(/^\/gradio_api/, "");
  if (path.startsWith("/bench/")) return await control(request, response, path);
  const route = path.replace(/^(\/heartbeat\/|\/file=).*/, "$1");
  const key = `${request.method} ${route}`;
  counts.requests[key] = (counts.requests[key] ?? 0) + 1;
  if (route === "/queue/data")
    return await sessions.read(url.searchParams.get("session_hash") ?? "", response, setup.delay);
  if (route === "/heartbeat/") return beat(response);
  if (route === "/file=") return await give(response);
  if (route === "/upload") return await take(request, response);
  const text = route === "/queue/join" ? join(await body(request)) : plainAnswer(route);
  if (setup.delay > 0) await sleep(setup.delay);
  json(response, text);
}

function plainAnswer(route: string): string {
  if (route === "/config") return description.config;
  if (route === "/info") return description.info;
  return '{"success":true}';
}

function join(text: string): string {
  const {
    fn_index: index,
    session_hash: hash,
    data,
  } = JSON.parse(text) as {
    fn_index: number;
    session_hash: string;
    data: unknown[];
  };
  return JSON.stringify({ event_id: jobs.take(index, hash, data) });
}

async function control(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  if (path === "/bench/setup") {
    const address = `http://${request.headers.host}`;
    setup = { ...(JSON.parse(await body(request)) as Setup), address };
    sessions = new Sessions();
    jobs = new Jobs(setup, sessions);
    description = await describeApp(address, setup);
    counts = { requests: {}, connections: 0, uploaded: 0 };
  }
  // Connections of control requests are not counted.
  else counts.connections--;
  response.setHeader("connection", "close");
  json(response, JSON.stringify(counts));
}

function json(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

function beat(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: ALIVE\n\n");
  const timer = setInterval(() => response.write("data: ALIVE\n\n"), BEAT);
  response.on("close", () => clearInterval(timer));
}

/** Sends the same block repeatedly, as fast as the client reads it. */
async function give(response: ServerResponse): Promise<void> {
  const size = setup.megabytes * 1_048_576;
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
  for (let sent = 0; sent < size && !response.destroyed; sent += block.length) {
    if (response.write(block)) continue;
    await new Promise((resolve) => {
      response.once("drain", resolve).once("close", resolve);
    });
    response.removeAllListeners("close").removeAllListeners("drain");
  }
  response.end();
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.on("data", (chunk: Buffer) => (counts.uploaded += chunk.length));
  await new Promise((resolve) => request.on("end", resolve));
  json(response, JSON.stringify(["/bench/taken.bin"]));
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
