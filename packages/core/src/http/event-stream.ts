import { createParser } from "eventsource-parser";
import { Observable } from "rxjs";
import { ProtocolError } from "../errors.ts";
import type { TransportResponse } from "../transport.ts";

/** How an event stream is opened and watched. */
export interface EventStreamOptions {
  /** Sends the request; resolves with the head of the answer. Must obey the signal, the body too. */
  open: (signal: AbortSignal) => Promise<Pick<TransportResponse, "body">>;
  /** Called when the head has arrived. */
  onOpen?: () => void;
  /** Called for each piece of the body, comments and heartbeats too: the other side is alive. */
  onBytes?: () => void;
  /** Most characters of one event that is not yet complete. */
  limit: number;
}

/**
 * The `data` of each event of a `text/event-stream`, from the request to its end. Cold; unsubscribing aborts the
 * request, body and all. Completes when the body ends, however politely: whether it was expected to is the reader's
 * affair.
 */
export function eventStream(options: EventStreamOptions): Observable<string> {
  return new Observable<string>((subscriber) => {
    const abort = new AbortController();
    let ended = false;
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data.length > options.limit) subscriber.error(tooLong(options.limit));
        else subscriber.next(data);
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") subscriber.error(tooLong(options.limit));
      },
      maxBufferSize: options.limit,
    });
    const read = async (): Promise<void> => {
      const response = await options.open(abort.signal);
      options.onOpen?.();
      // By hand, and not by `from(body)`: that one notices only at the next chunk that nobody listens any more.
      const reader = response.body?.getReader();
      // The parser drops a byte order mark: one, and no second one.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      while (reader && !subscriber.closed) {
        const { done, value } = await reader.read();
        ended = done;
        if (done) break;
        options.onBytes?.();
        const text = decoder.decode(value, { stream: true });
        // The parser looks at the limit between two pieces: so no piece may be larger.
        if (text.length <= options.limit) parser.feed(text);
        else for (let at = 0; at < text.length; at += options.limit) parser.feed(text.slice(at, at + options.limit));
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      // What has ended by itself needs no error to end it.
      if (!ended) abort.abort();
    };
  });
}

function tooLong(limit: number): ProtocolError {
  return new ProtocolError(`The app sent an event of more than ${limit} characters.`);
}
