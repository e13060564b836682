import { utf8Size } from "../http/body.ts";
import type { WireMessage } from "../wire/messages.ts";

/** Maximum number of ended calls whose ids are remembered. */
const ENDED = 2_000;

/** Limits for messages that are kept. */
export interface PendingLimits {
  /** Maximum number of messages. */
  pendingMessages: number;
  /** Maximum size of all messages in bytes, encoded as UTF-8. */
  pendingBytes: number;
}

/**
 * Messages that arrived before the response to their join. The two use different connections, so all messages of a fast function may
 * arrive first. They are kept while joins are pending, up to a limit.
 */
export class PendingMessages {
  readonly #limits: PendingLimits;
  readonly #byId = new Map<string, { message: WireMessage; size: number }[]>();
  #count = 0;
  #bytes = 0;
  /** Ids of the last calls that ended: the app may go on sending messages for them, which are dropped. */
  readonly #ended = new Set<string>();

  constructor(limits: PendingLimits) {
    this.#limits = limits;
  }

  /**
   * Keeps a message, unless its call has ended. Returns `false` when there is no room.
   *
   * @param text - message as the app sent it; only its size is kept.
   */
  keep(eventId: string, message: WireMessage, text: string): boolean {
    if (this.#ended.has(eventId)) return true;
    const size = utf8Size(text);
    const { pendingMessages, pendingBytes } = this.#limits;
    if (this.#count >= pendingMessages || this.#bytes + size > pendingBytes) return false;
    this.#count++;
    this.#bytes += size;
    const kept = this.#byId.get(eventId);
    if (kept) kept.push({ message, size });
    else this.#byId.set(eventId, [{ message, size }]);
    return true;
  }

  /** Removes and returns the messages of a call, in their order. */
  take(eventId: string): readonly WireMessage[] {
    const kept = this.#byId.get(eventId) ?? [];
    this.#byId.delete(eventId);
    this.#count -= kept.length;
    this.#bytes -= kept.reduce((sum, { size }) => sum + size, 0);
    return kept.map(({ message }) => message);
  }

  /** Drops later messages of a call that has ended. */
  forget(eventId: string): void {
    this.#ended.add(eventId);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= ENDED) break;
      this.#ended.delete(oldest);
    }
  }

  /** Drops all messages: no join is under way that they could belong to. */
  clear(): void {
    this.#byId.clear();
    this.#count = 0;
    this.#bytes = 0;
  }
}
