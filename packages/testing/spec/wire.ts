import type { App, MemoryApp } from "../src/app.ts";

/** A message as the app sent it. */
export interface Message {
  msg: string;
  event_id: string | null;
  success?: boolean;
  rank?: number;
  queue_size?: number;
  title?: string | null;
  level?: string;
  log?: string;
  session_not_found?: boolean;
  output?: { data?: unknown[]; error?: string | null; is_generating?: boolean | null };
  progress_data?: unknown[];
}

/** Sends raw requests to an app, over `fetch` or in memory, without a client. */
export interface Wire {
  get(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Joins and returns the event id. */
  join(name: string, data: unknown[], sessionHash: string): Promise<string>;
  cancel(name: string | number, eventId: string, sessionHash: string): Promise<unknown>;
  /** Opens a session's stream. */
  read(sessionHash: string): Reading;
}

/** A stream that is being read. */
export interface Reading {
  readonly messages: Message[];
  /** Way in which the stream ended: `"closed"` by the app, `"broken"` before its end, or `"left"` by `leave`. */
  readonly ended: Promise<"closed" | "broken" | "left">;
  leave(): void;
  /** Resolves with the first message that `fits` accepts, as soon as it was received. */
  first(fits: (message: Message) => boolean): Promise<Message>;
}

/** Returns functions that send raw requests to an app. */
export function wire(app: App | MemoryApp): Wire {
  const send = (request: Request): Promise<Response> => ("fetch" in app ? app.fetch(request) : fetch(request));
  const get: Wire["get"] = (path, init) => send(new Request(app.url + path, init));
  const post: Wire["post"] = (path, body, headers = {}) =>
    get(`/gradio_api${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const indexOf = async (name: string | number): Promise<number> => {
    if (typeof name === "number") return name;
    const config: { dependencies: { api_name: string }[] } = await (await get("/config")).json();
    return config.dependencies.findIndex((dependency) => dependency.api_name === name);
  };
  return {
    get,
    post,
    async join(name, data, sessionHash) {
      const body = { data, fn_index: await indexOf(name), session_hash: sessionHash };
      const answer: { event_id: string } = await (await post("/queue/join", body)).json();
      return answer.event_id;
    },
    async cancel(name, eventId, sessionHash) {
      const body = { fn_index: await indexOf(name), event_id: eventId, session_hash: sessionHash };
      return (await post("/cancel", body)).json();
    },
    read: (sessionHash) => reading((init) => get(`/gradio_api/queue/data?session_hash=${sessionHash}`, init)),
  };
}

function reading(open: (init: RequestInit) => Promise<Response>): Reading {
  const abort = new AbortController();
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  const run = async (): Promise<"closed" | "broken" | "left"> => {
    try {
      const response = await open({ signal: abort.signal });
      for await (const event of events(response.body ?? new ReadableStream())) {
        const message: Message = JSON.parse(event.slice("data: ".length));
        messages.push(message);
        for (const look of waiting) look();
      }
      return "closed";
    } catch {
      return abort.signal.aborted ? "left" : "broken";
    }
  };
  return {
    messages,
    ended: run(),
    leave: () => abort.abort(),
    first: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = messages.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    const parts = (text + decoder.decode(chunk, { stream: true })).split("\n\n");
    text = parts.pop() ?? "";
    yield* parts;
  }
}
