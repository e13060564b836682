import type { WireMessage } from "./messages.ts";

/**
 * Queue of the messages of one session.
 *
 * Each message is delivered to one reader: two readers share the messages between them.
 */
export interface Mailbox {
  put(message: WireMessage): void;
  /** Resolves to the next message, or to `undefined` when the signal is aborted. */
  take(signal: AbortSignal): Promise<WireMessage | undefined>;
}

/** Creates an empty mailbox. */
export function createMailbox(): Mailbox {
  const messages: WireMessage[] = [];
  const waiting: ((message: WireMessage | undefined) => void)[] = [];
  return {
    put(message) {
      const reader = waiting.shift();
      if (reader === undefined) messages.push(message);
      else reader(message);
    },
    take(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      const message = messages.shift();
      if (message !== undefined) return Promise.resolve(message);
      return new Promise((resolve) => {
        const reader = (next: WireMessage | undefined): void => {
          signal.removeEventListener("abort", onAbort);
          resolve(next);
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(reader), 1);
          resolve(undefined);
        };
        waiting.push(reader);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
