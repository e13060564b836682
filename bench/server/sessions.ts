import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

interface Session {
  stream: ServerResponse | null;
  /** Bytes that were sent before the stream was opened. */
  waiting: Buffer[];
  pending: Set<string>;
}

/** Event streams of all sessions, as Gradio has them (PROTOCOL.md, 2.5): one per session, until no job is pending. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  /** Registers a job with its session. */
  begin(hash: string, id: string): void {
    let session = this.#sessions.get(hash);
    if (!session) this.#sessions.set(hash, (session = { stream: null, waiting: [], pending: new Set() }));
    session.pending.add(id);
  }

  /** Sends bytes that end jobs. */
  deliver(hash: string, bytes: Buffer, ended: readonly string[]): void {
    const session = this.#sessions.get(hash);
    if (!session) return;
    for (const id of ended) session.pending.delete(id);
    session.waiting.push(bytes);
    flush(session);
  }

  /** Responds to a reader. */
  async read(hash: string, response: ServerResponse, delay: number): Promise<void> {
    const head = { "content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked" };
    const session = this.#sessions.get(hash);
    if (delay > 0) await sleep(delay);
    response.writeHead(200, head).flushHeaders();
    if (!session) {
      const text = { message: "404: Not Found", session_not_found: true, success: false };
      response.end(`data: ${JSON.stringify({ msg: "unexpected_error", event_id: null, ...text })}\n\n`);
      return;
    }
    session.stream = response;
    response.on("close", () => {
      if (session.stream !== response) return;
      session.stream = null;
      if (session.pending.size > 0) this.#sessions.delete(hash);
    });
    flush(session);
  }
}

/**
 * Writes directly to the socket, as the prepared bytes contain HTTP chunks already. The response itself writes the last chunk.
 */
function flush(session: Session): void {
  const { stream, waiting, pending } = session;
  if (!stream || waiting.length === 0) return;
  for (const bytes of waiting) stream.socket?.write(bytes);
  session.waiting = [];
  if (pending.size > 0) return;
  session.stream = null;
  stream.end('data: {"msg":"close_stream","event_id":null}\n\n');
}
