import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hubPage, spacePage } from "./frames.ts";

/** A Space of the Hub on 127.0.0.1. */
export interface SpaceSettings {
  /** URL of the app behind it. */
  app: string;
  /** Makes it private: without this token the Hub responds that there is no such Space. */
  token?: string;
  /**
   * Stages that the Hub reports, one per request; the last one stays. It does not proceed from SLEEPING or STOPPED by requests
   * to the Hub: its host has to be requested. Default: it runs.
   */
  stages?: readonly string[];
  /** Other fields that the Hub reports beside a stage. */
  problem?: string;
  /** Response of its host while it does not run. Default: 503 and a page. */
  unready?: { status: number; body: string };
}

type Reply = (status: number, body: unknown, headers?: Record<string, string>) => void;

interface Space {
  settings: SpaceSettings;
  stages: string[];
  host: string;
}

/** Tokens that the Hub knows, with their owners. */
const owners: Readonly<Record<string, string>> = { hf_mine: "me", hf_read: "me" };
const PAGE = { status: 503, body: "<html><body>This Space is not ready.</body></html>" };

/** A Hub on 127.0.0.1 that responds like the real one (PROTOCOL.md, 1.8), and the hosts of its Spaces. */
export class Hub {
  /** Requests to the Hub: method, path, token. */
  readonly seen: string[] = [];
  /** Requests to the hosts of its Spaces: method, path, token. */
  readonly seenByHosts: string[] = [];
  /** Bodies of POST requests to the Hub, by path. */
  readonly posted = new Map<string, unknown>();
  /** Number of the next requests that are answered with 429. */
  busy = 0;
  /** Lifetime of a token for files, in milliseconds. */
  signatureLife = 60_000;
  /** State of duplicated Spaces. */
  copies: Pick<SpaceSettings, "stages"> = {};
  readonly #spaces = new Map<string, Space>();
  readonly #servers: Server[] = [];
  readonly #signatures = new Map<string, number>();
  #url = "";

  /** Starts a Hub; `close` stops it. */
  static async start(): Promise<Hub> {
    const hub = new Hub();
    hub.#url = await hub.#listen((incoming, outgoing) => hub.#answer(incoming, outgoing));
    return hub;
  }

  /** URL of the Hub. */
  get url(): string {
    return this.#url;
  }

  /** Adds a Space; resolves with the URL of its host. */
  async add(id: string, settings: SpaceSettings): Promise<string> {
    const space: Space = { settings, stages: [...(settings.stages ?? ["RUNNING"])], host: "" };
    space.host = await this.#listen((incoming, outgoing) => this.#visit(space, incoming, outgoing));
    this.#spaces.set(id, space);
    return space.host;
  }

  /** Sets the stages of a Space from now on. */
  set(id: string, stages: readonly string[]): void {
    this.#spaces.get(id)!.stages = [...stages];
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #listen(answer: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown): Promise<string> {
    const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
    this.#servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url = "/" } = incoming;
    const headers = {
      "content-type": "application/json",
      "access-control-allow-origin": incoming.headers.origin ?? "*",
      "access-control-allow-headers": "authorization,content-type",
    };
    const reply: Reply = (status, body, more = {}) =>
      void outgoing.writeHead(status, { ...headers, ...more }).end(JSON.stringify(body));
    if (method === "OPTIONS") return reply(200, null);
    const { pathname, searchParams } = new URL(url, this.#url);
    if (pathname === "/frame")
      return void outgoing.writeHead(200, { "content-type": "text/html" }).end(hubPage(searchParams.get("src") ?? ""));
    const token = bearer(incoming);
    this.seen.push(`${method} ${url} ${token ?? "-"}`);
    if (this.busy > 0) {
      this.busy--;
      return reply(429, { error: "Too many requests" }, { "retry-after": "1" });
    }
    const body = await read(incoming);
    if (method === "POST") this.posted.set(url, JSON.parse(body));
    const owner = token === undefined ? undefined : owners[token];
    if (url === "/api/whoami-v2")
      return owner ? reply(200, { type: "user", name: owner }) : reply(401, { error: "Invalid user token" });
    const [, asked = "", what = ""] = /^\/api\/spaces\/(by-subdomain\/[^/]+|[^/]+\/[^/]+)(?:\/(\w+))?$/.exec(url) ?? [];
    const id = this.#idOf(asked);
    const space = this.#spaces.get(id);
    if (!space || (space.settings.token !== undefined && space.settings.token !== token))
      return token === undefined
        ? reply(401, { error: "Invalid username or password." })
        : reply(404, { error: "Repository not found" });
    if (what === "host") return reply(200, { subdomain: subdomain(id), host: space.host });
    if (what === "jwt") return reply(200, { token: this.#sign() });
    if (what === "duplicate") return await this.#duplicate(space, token, body, reply);
    if (what === "sleeptime") return reply(200, { stage: space.stages[0] });
    return reply(200, { id, private: space.settings.token !== undefined, host: space.host, runtime: look(space) });
  }

  #idOf(asked: string): string {
    if (!asked.startsWith("by-subdomain/")) return asked;
    const wanted = asked.slice("by-subdomain/".length);
    return [...this.#spaces.keys()].find((id) => subdomain(id) === wanted) ?? "";
  }

  async #duplicate({ settings }: Space, token: string | undefined, body: string, reply: Reply): Promise<void> {
    if (token !== "hf_mine") return reply(403, { error: "You have read access but not the required permissions" });
    const wanted = JSON.parse(body) as { repository: string; private?: boolean };
    if (this.#spaces.has(wanted.repository)) return reply(409, { error: "You already created this space repo" });
    await this.add(wanted.repository, { ...settings, ...this.copies, ...(wanted.private ? { token } : {}) });
    return reply(200, { url: `https://huggingface.co/spaces/${wanted.repository}` });
  }

  /** Creates a token for files like the Hub's: readable claims without a signature. */
  #sign(): string {
    const made = Date.now();
    const claims = { iat: made / 1_000, exp: (made + this.signatureLife) / 1_000, number: this.#signatures.size };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.proof`;
    this.#signatures.set(token, made + this.signatureLife);
    return token;
  }

  /** Handles a request to the host of a Space: wakes one that sleeps, and forwards to the app of one that runs. */
  #visit(space: Space, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url = "/" } = incoming;
    const { token, app, unready = PAGE } = space.settings;
    const { pathname, searchParams } = new URL(url, "http://host");
    const page = { "content-type": "text/html" };
    if (pathname === "/page") return void outgoing.writeHead(200, page).end(spacePage(searchParams));
    this.seenByHosts.push(`${method} ${url} ${bearer(incoming) ?? "-"}`);
    const sign = searchParams.get("__sign") ?? "";
    const known = token === undefined || bearer(incoming) === token || Date.now() < (this.#signatures.get(sign) ?? 0);
    if (!known && method !== "OPTIONS") return void outgoing.writeHead(404, page).end("<html>404</html>");
    if (isAsleep(space)) space.stages.shift();
    else if (space.stages[0]!.startsWith("RUNNING")) return forward(app, incoming, outgoing);
    outgoing.writeHead(unready.status, page).end(unready.body);
  }
}

/** Returns what the Hub reports of a Space now. The Space proceeds with each request, unless it sleeps. */
function look(space: Space): { stage: string; errorMessage?: string } {
  const { stages, settings } = space;
  const stage = stages[0]!;
  if (stages.length > 1 && !isAsleep(space)) stages.shift();
  return { stage, ...(settings.problem === undefined ? {} : { errorMessage: settings.problem }) };
}

function isAsleep({ stages }: Space): boolean {
  return stages.length > 1 && (stages[0] === "SLEEPING" || stages[0] === "STOPPED");
}

function subdomain(id: string): string {
  return id.replace(/[/.]/g, "-").toLowerCase();
}

function bearer({ headers }: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}

async function read(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming) text += String(chunk);
  return text;
}

/** Forwards a request to the app unchanged; bodies are streamed both ways. */
function forward(app: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers } = incoming;
  const onward = request(new URL(incoming.url ?? "/", app), { method, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 500, response.headers);
    response.pipe(outgoing);
  });
  outgoing.on("close", () => onward.destroy());
  onward.on("error", () => outgoing.destroy());
  incoming.pipe(onward);
}
