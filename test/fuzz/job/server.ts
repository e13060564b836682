import type { Transport, TransportRequest } from "@gradio-rx/core/platform";

const config = {
  version: "6.31.0",
  protocol: "sse_v3",
  api_prefix: "",
  components: [{ id: 1, type: "json", props: {}, skip_api: false }],
  dependencies: [
    { id: 0, api_name: "f", inputs: [1], outputs: [1], backend_fn: true, queue: true, types: { generator: true } },
  ],
};

/** Messages of the script for a call. */
export const sayings = [
  "estimation",
  "process_starts",
  "progress",
  "log",
  "output",
  "wrong edit",
  "process_completed",
  "process_failed",
  "process_cancelled",
  "unexpected_error",
  "session lost",
  "unknown",
  "close_stream",
  "server_stopped",
  "no JSON",
] as const;
export type Saying = (typeof sayings)[number];

/** A call that has reached the server. */
interface Joined {
  eventId: string;
  session: string;
  /** Number of outputs sent. */
  outputs: number;
}

/** A scripted app in memory: it responds to joins, sends messages and fails on demand, in any order. */
export class Server implements Transport {
  readonly joined: Joined[] = [];
  /** Data of every join that was received. */
  readonly asked: unknown[] = [];
  readonly #replies: { session: string; answer: (response: Response) => void; fail: (error: unknown) => void }[] = [];
  readonly #streams = new Map<string, ReadableStreamDefaultController<Uint8Array>>();
  readonly #unread = new Map<string, Uint8Array[]>();
  /** Whether it behaves like a correct app by itself. */
  #honest = false;
  #mute = false;

  async send(request: TransportRequest): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const { body: text = "" } = request;
    if (pathname === "/config") return Response.json(config);
    if (pathname === "/queue/join")
      return await this.#join(JSON.parse(text as string) as Record<string, unknown>, request.signal);
    if (pathname === "/queue/data") return this.#open(searchParams.get("session_hash") ?? "", request.signal);
    if (pathname === "/app_id" && this.#mute) return await untilAborted(request.signal);
    return Response.json({ success: true });
  }

  upload(): Promise<Response> {
    return Promise.reject(new Error("no uploads here"));
  }

  /** Number of streams that are read. */
  get open(): number {
    return this.#streams.size;
  }

  /** Sends nothing from now on, and answers no question whether it lives. */
  silence(): void {
    this.#mute = true;
  }

  /** Behaves like a correct app from now on; discards messages that were not sent yet. */
  reform(): void {
    this.#mute = false;
    this.#honest = true;
    this.#unread.clear();
  }

  /** Responds to the oldest waiting join; `lost` aborts the connection after the call was accepted. */
  reply(how: "ok" | "refused" | "junk" | "full" | "lost"): void {
    const waiting = this.#replies.shift();
    if (!waiting) return;
    if (how === "ok" || how === "lost") {
      const eventId = `e${this.joined.length}`;
      this.joined.push({ eventId, session: waiting.session, outputs: 0 });
      if (how === "ok") waiting.answer(Response.json({ event_id: eventId }));
      else waiting.fail(new TypeError("the connection was reset"));
      if (this.#honest)
        for (const what of ["process_starts", "process_completed"] as const) this.say(what, this.joined.length - 1);
    } else if (how === "full")
      waiting.answer(Response.json({ detail: "Queue is full. Max size is 1 and size is 1." }, { status: 503 }));
    else waiting.answer(how === "junk" ? new Response("<html>") : Response.json({ detail: "no" }, { status: 400 }));
  }

  /** Sends a message of a call on the stream of its session, now or when it is next opened. */
  say(what: Saying, which: number): void {
    const joined = this.joined[which];
    if (!joined) return;
    const text = what === "no JSON" ? "<html>" : JSON.stringify(message(what, joined));
    const bytes = new TextEncoder().encode(`data: ${text}\n\n`);
    const stream = this.#streams.get(joined.session);
    if (stream) stream.enqueue(bytes);
    else this.#unread.set(joined.session, [...(this.#unread.get(joined.session) ?? []), bytes]);
  }

  /** Ends every stream, properly or not; returns the ids of their calls. */
  cut(clean: boolean): string[] {
    const lost = this.joined.filter(({ session }) => this.#streams.has(session)).map(({ eventId }) => eventId);
    for (const [session, stream] of this.#streams) {
      this.#streams.delete(session);
      if (clean) stream.close();
      else stream.error(new TypeError("terminated"));
    }
    return lost;
  }

  #join(body: Record<string, unknown>, signal: AbortSignal): Promise<Response> {
    this.asked.push((body["data"] as unknown[])[0]);
    return new Promise((answer, fail) => {
      const reply = { session: String(body["session_hash"]), answer, fail };
      this.#replies.push(reply);
      signal.addEventListener("abort", () => {
        const at = this.#replies.indexOf(reply);
        if (at >= 0) this.#replies.splice(at, 1);
        fail(signal.reason as Error);
      });
      while (this.#honest && this.#replies.length > 0) this.reply("ok");
    });
  }

  #open(session: string, signal: AbortSignal): Response {
    return new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.#streams.set(session, controller);
          for (const bytes of this.#unread.get(session) ?? []) controller.enqueue(bytes);
          this.#unread.delete(session);
          signal.addEventListener("abort", () => {
            if (this.#streams.get(session) !== controller) return;
            this.#streams.delete(session);
            controller.error(signal.reason);
          });
        },
      }),
    );
  }
}

function message(what: Exclude<Saying, "no JSON">, joined: Joined): object {
  const of = { event_id: joined.eventId };
  const output = (data: unknown): object => ({ success: true, output: { data: [data] } });
  switch (what) {
    case "estimation":
      return { ...of, msg: what, rank: 1, queue_size: 2, rank_eta: 1 };
    case "progress":
      return { ...of, msg: what, progress_data: [{ index: 1, length: 2, unit: "steps", progress: null, desc: null }] };
    case "log":
      return { ...of, msg: what, log: "hello", level: "info" };
    case "output": {
      const first = joined.outputs++ === 0;
      const n = joined.outputs;
      // The first value is whole, later ones are edits.
      return { ...of, msg: "process_generating", ...output(first ? { list: [1] } : [["add", ["list", n - 1], n]]) };
    }
    case "wrong edit":
      joined.outputs++;
      return { ...of, msg: "process_generating", ...output([["replace", ["nowhere"], 1]]) };
    case "process_completed":
      return {
        ...of,
        msg: what,
        ...output({ list: Array.from({ length: Math.max(1, joined.outputs) }, (_, at) => at + 1) }),
      };
    case "process_failed":
      return { ...of, msg: "process_completed", success: false, output: { error: "it failed" } };
    case "process_cancelled":
      return { ...of, msg: "process_completed", success: true, output: {} };
    case "unexpected_error":
      return { ...of, msg: what, message: "oh" };
    case "session lost":
      return { msg: "unexpected_error", event_id: null, message: "gone", session_not_found: true };
    case "close_stream":
    case "server_stopped":
      return { msg: what, event_id: null };
    default:
      return { ...of, msg: what };
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
