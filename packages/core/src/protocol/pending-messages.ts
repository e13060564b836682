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

interface KeptMessage {
  readonly eventId: string;
  readonly message: WireMessage;
  /** In bytes. */
  readonly size: number;
}

/**
 * Messages that arrived before the response to their join. The two use different connections, so all messages of a fast function may
 * arrive first. They are kept while joins are pending, up to a limit.
 */
export class PendingMessages {
  readonly #limits: PendingLimits;
  /** In the order of their arrival. */
  #kept: KeptMessage[] = [];
  /** Size of all. */
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
    if (this.#kept.length >= pendingMessages || this.#bytes + size > pendingBytes) return false;
    this.#kept.push({ eventId, message, size });
    this.#bytes += size;
    return true;
  }

  /** Removes and returns the messages of a call, in their order. */
  take(eventId: string): readonly WireMessage[] {
    const taken = this.#kept.filter((kept) => kept.eventId === eventId);
    if (taken.length > 0) this.#kept = this.#kept.filter((kept) => kept.eventId !== eventId);
    for (const { size } of taken) this.#bytes -= size;
    return taken.map(({ message }) => message);
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
    this.#kept = [];
    this.#bytes = 0;
  }
}
