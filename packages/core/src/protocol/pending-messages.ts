import type { WireMessage } from "../wire/messages.ts";

/** Maximum number of ended calls whose ids are remembered. */
const ENDED = 2_000;

/**
 * Messages that arrived before the response to their join. The two use different connections, so all messages of a fast function may
 * arrive first. They are kept while joins are pending, up to a limit.
 */
export class PendingMessages {
  readonly #limit: number;
  readonly #byId = new Map<string, WireMessage[]>();
  #count = 0;
  /** Ids of the last calls that ended: the app may go on sending messages for them, which are dropped. */
  readonly #ended = new Set<string>();

  /** @param limit - maximum number of messages kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a message, unless its call has ended. Returns `false` when there is no room. */
  keep(eventId: string, message: WireMessage): boolean {
    if (this.#ended.has(eventId)) return true;
    if (this.#count >= this.#limit) return false;
    this.#count++;
    const kept = this.#byId.get(eventId);
    if (kept) kept.push(message);
    else this.#byId.set(eventId, [message]);
    return true;
  }

  /** Removes and returns the messages of a call, in their order. */
  take(eventId: string): readonly WireMessage[] {
    const kept = this.#byId.get(eventId) ?? [];
    this.#byId.delete(eventId);
    this.#count -= kept.length;
    return kept;
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
  }
}
