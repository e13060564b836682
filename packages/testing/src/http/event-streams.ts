/** How a stream's writer leaves it: in good order, or broken off in the middle. */
export type StreamEnd = "closed" | "broken";

/** Writes one stream. `signal` is aborted when the reader has gone or the stream is dropped. */
export type StreamWriter = (send: (text: string) => void, signal: AbortSignal) => Promise<StreamEnd>;

/** The event streams that are open. */
export interface EventStreams {
  /** Answers with a new stream; `gone` is called when its reader goes before its end. */
  open(write: StreamWriter, gone: () => void): Response;
  count(): number;
  /** Ends all of them as a network would, or in good order but without a last word. Returns how many there were. */
  drop(options?: { clean?: boolean }): number;
}

/** Starts with none. */
export function createEventStreams(): EventStreams {
  const all = new Set<(end: StreamEnd) => void>();
  return {
    open(write, gone) {
      const body = new ReadableStream(source(write, gone, all));
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
  gone: () => void,
  all: Set<(end: StreamEnd) => void>,
): UnderlyingDefaultSource<Uint8Array> {
  const abort = new AbortController();
  const encoder = new TextEncoder();
  let drop: (end: StreamEnd) => void;
  let breaks = false;
  const leave = (): void => {
    all.delete(drop);
    abort.abort();
    gone();
  };
  return {
    start(controller) {
      drop = (end) => {
        leave();
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
    // Called once all has been read: an error would take with it what has not.
    pull(controller) {
      if (breaks) controller.error(broken());
    },
    cancel: leave,
  };
}

/** What `fetch` says of a body that breaks off. */
function broken(): TypeError {
  return new TypeError("terminated");
}
