import { createParser } from "eventsource-parser";
import { Observable } from "rxjs";
import { ProtocolError } from "../errors.ts";
import type { TransportResponse } from "../transport.ts";

/** Options of {@link eventStream}. */
export interface EventStreamOptions {
  /** Sends the request. Resolves with the head of the answer; the signal must end the body, too. */
  open: (signal: AbortSignal) => Promise<Pick<TransportResponse, "body">>;
  /** Called when the head of the answer has arrived. */
  onOpen?: () => void;
  /** Called for each chunk of the body, including comments and heartbeats. */
  onBytes?: () => void;
  /** Maximum number of characters of one event. */
  limit: number;
}

/**
 * Emits the `data` of each event of a `text/event-stream`. Cold: each subscription sends the request, and unsubscribing aborts
 * it. Completes when the body ends; the subscriber decides whether that was expected.
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
      // `from(body)` would notice only at the next chunk that the subscriber has left.
      const reader = response.body?.getReader();
      // The parser drops one byte order mark, as the standard says. A second one is data.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      while (reader && !subscriber.closed) {
        const { done, value } = await reader.read();
        ended = done;
        if (done) break;
        options.onBytes?.();
        const text = decoder.decode(value, { stream: true });
        // The parser checks the limit between two chunks, so no chunk may be larger.
        if (text.length <= options.limit) parser.feed(text);
        else for (let at = 0; at < text.length; at += options.limit) parser.feed(text.slice(at, at + options.limit));
      }
    };
    read().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      // Aborting a body that has ended would destroy its connection.
      if (!ended) abort.abort();
    };
  });
}

function tooLong(limit: number): ProtocolError {
  return new ProtocolError(`The app sent an event of more than ${limit} characters. See the option "limits".`);
}
