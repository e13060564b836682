import type { WireMessage } from "../wire/messages.ts";

/** How many forgotten calls are remembered. */
const FORMER = 2_000;

/**
 * Messages that came before the reply of their join: the two travel on different connections, so a quick function's may all
 * be early. Kept while joins are on their way, and bounded.
 */
export class EarlyMessages {
  readonly #limit: number;
  readonly #byId = new Map<string, WireMessage[]>();
  #count = 0;
  /** Ids of the last calls that were forgotten: the app may go on speaking of them, and nobody waits for that. */
  readonly #former = new Set<string>();

  /** @param limit - most messages kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a message, unless it is of a call that was forgotten; returns whether there was room. */
  keep(eventId: string, message: WireMessage): boolean {
    if (this.#former.has(eventId)) return true;
    if (this.#count >= this.#limit) return false;
    this.#count++;
    const kept = this.#byId.get(eventId);
    if (kept) kept.push(message);
    else this.#byId.set(eventId, [message]);
    return true;
  }

  /** The messages of a call whose id is known now, in their order. */
  take(eventId: string): readonly WireMessage[] {
    const kept = this.#byId.get(eventId) ?? [];
    this.#byId.delete(eventId);
    this.#count -= kept.length;
    return kept;
  }

  /** Nobody waits for messages of this call any more. */
  forget(eventId: string): void {
    this.#former.add(eventId);
    for (const oldest of this.#former) {
      if (this.#former.size <= FORMER) break;
      this.#former.delete(oldest);
    }
  }

  /** No join is on its way: whose message is not known by now is nobody's. */
  clear(): void {
    this.#byId.clear();
    this.#count = 0;
  }
}
