import type { Job } from "./job.ts";
import type { Mailbox } from "./mailbox.ts";
import { createMailbox } from "./mailbox.ts";
import type { WireMessage } from "./messages.ts";

/** State of the sessions: their messages, and the ids of jobs whose end has not been delivered. */
export interface Sessions {
  /** Adds a job to its session. */
  open(job: Job): void;
  /** Puts a message of a job into its mailbox, unless its reader has disconnected. */
  send(job: Job, message: WireMessage): void;
  mailbox(sessionHash: string): Mailbox | undefined;
  /** Ids of the pending jobs of a session; `undefined` if it had no jobs, or none are left after its reader disconnected. */
  pending(sessionHash: string): Set<string> | undefined;
  /** Session hash of a pending job. */
  sessionOf(eventId: string): string | undefined;
  /** Deletes the messages of a session whose reader disconnected. */
  dropMailbox(sessionHash: string): void;
  /** Removes jobs that will not run from the pending ones. As in Gradio, jobs that were running stay pending forever. */
  forget(sessionHash: string, removed: readonly Job[]): void;
  clear(): void;
}

/** Creates an empty registry. */
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
