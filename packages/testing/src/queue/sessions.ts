import type { Job } from "./job.ts";
import type { Mailbox } from "./mailbox.ts";
import { createMailbox } from "./mailbox.ts";
import type { WireMessage } from "./messages.ts";

/** What the server remembers of each session hash: its messages, and the ids that have not been seen to end. */
export interface Sessions {
  /** Makes room for a job's messages. */
  open(job: Job): void;
  /** Keeps a job's message for its reader, unless the reader has gone. */
  send(job: Job, message: WireMessage): void;
  mailbox(sessionHash: string): Mailbox | undefined;
  /** The ids that are still to end; `undefined` = there never were any, or none are left after its reader went. */
  pending(sessionHash: string): Set<string> | undefined;
  /** The session in which an id is still to end. */
  sessionOf(eventId: string): string | undefined;
  /** The reader went: its messages go too. */
  dropMailbox(sessionHash: string): void;
  /** Jobs that will never run are no longer to end. Those that were running are, for ever. */
  forget(sessionHash: string, removed: readonly Job[]): void;
  clear(): void;
}

/** Starts with no session. */
export function createSessions(): Sessions {
  const mailboxes = new Map<string, Mailbox>();
  const pending = new Map<string, Set<string>>();
  return {
    open(job) {
      if (!mailboxes.has(job.sessionHash)) mailboxes.set(job.sessionHash, createMailbox());
      pending.set(job.sessionHash, (pending.get(job.sessionHash) ?? new Set()).add(job.id));
    },
    send(job, message) {
      if (job.alive) mailboxes.get(job.sessionHash)?.put(message);
    },
    mailbox: (sessionHash) => mailboxes.get(sessionHash),
    pending: (sessionHash) => pending.get(sessionHash),
    sessionOf: (eventId) => [...pending].find(([, ids]) => ids.has(eventId))?.[0],
    dropMailbox: (sessionHash) => void mailboxes.delete(sessionHash),
    forget(sessionHash, removed) {
      const ids = pending.get(sessionHash);
      for (const job of removed) ids?.delete(job.id);
      if (ids?.size === 0) pending.delete(sessionHash);
    },
    clear() {
      mailboxes.clear();
      pending.clear();
    },
  };
}
