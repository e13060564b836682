/** Way in which a stream ends: its body is closed, or it is aborted. */
export type StreamEnd = "closed" | "broken";

/** Writes one stream. `signal` is aborted when the reader disconnects or the stream is dropped. */
export type StreamWriter = (send: (text: string) => void, signal: AbortSignal) => Promise<StreamEnd>;

/** Registry of the open event streams. */
export interface EventStreams {
  /** Responds with a new stream. `onDisconnect` is called if the reader disconnects before its end. */
  open(write: StreamWriter, onDisconnect: () => void): Response;
  count(): number;
  /** Aborts all streams; `clean` closes them, without a last message. Returns the number of streams that were open. */
  drop(options?: { clean?: boolean }): number;
}

/** Creates an empty registry. */
export function createEventStreams(): EventStreams {
  const all = new Set<(end: StreamEnd) => void>();
  return {
    open(write, onDisconnect) {
      const body = new ReadableStream(source(write, onDisconnect, all));
      return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
    },
    count: () => all.size,
    drop({ clean = false } = {}) {
      const open = [...all];
      for (const drop of open) drop(clean ? "closed" : "broken");
      return open.length;
    },
  };
}

function source(
  write: StreamWriter,
  onDisconnect: () => void,
  all: Set<(end: StreamEnd) => void>,
): UnderlyingDefaultSource<Uint8Array> {
  const abort = new AbortController();
  const encoder = new TextEncoder();
  let drop: (end: StreamEnd) => void;
  let breaks = false;
  const disconnect = (): void => {
    all.delete(drop);
    abort.abort();
    onDisconnect();
  };
  return {
    start(controller) {
      drop = (end) => {
        disconnect();
        if (end === "closed") controller.close();
        else controller.error(broken());
      };
      all.add(drop);
      const send = (text: string): void => {
        if (!abort.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const run = async (): Promise<void> => {
        const end = await write(send, abort.signal);
        if (abort.signal.aborted) return;
        all.delete(drop);
        breaks = end === "broken";
        if (!breaks) controller.close();
        else if ((controller.desiredSize ?? 0) > 0) controller.error(broken());
      };
      void run();
    },
    // Called after everything was read; an earlier error would discard chunks that were not read yet.
    pull(controller) {
      if (breaks) controller.error(broken());
    },
    cancel: disconnect,
  };
}

/** Error of `fetch` for a body that is aborted. */
function broken(): TypeError {
  return new TypeError("terminated");
}
