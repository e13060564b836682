import { ConnectionError, GradioError } from "../errors.ts";
import { later } from "../timers.ts";
import type { Ticket } from "./ticket.ts";

/** The stream ended, however politely, while this call was open. */
export function ended(ticket: Ticket): ConnectionError {
  return new ConnectionError(`The app ended the event stream before ${ticket.call.endpoint} had ended.`, {
    accepted: true,
  });
}

/** The stream broke, or may as well have broken, while this call was open. */
export function broken(ticket: Ticket, error?: unknown): ConnectionError {
  const accepted = ticket.eventId === null ? null : true;
  const known = accepted ? "the app had accepted the call" : "whether the app had accepted the call is unknown";
  const message = `The connection was lost before ${ticket.call.endpoint} had ended; ${known}.`;
  const status = error instanceof GradioError ? error.status : undefined;
  return new ConnectionError(message, { accepted, status, ...(error === undefined ? {} : { cause: error }) });
}

/** How long a call may take to show that the app has not given it up, where it may have. In milliseconds. */
export const DOUBT = 2_000;

/** Calls that the app may have given up show soon whether they live: those that it has given up are silent for ever. */
export function failSilent(tickets: Iterable<Ticket>): void {
  const doubted = Array.from(tickets);
  later(() => {
    for (const ticket of doubted)
      if (ticket.eventId !== null && !ticket.over && !ticket.spoke) ticket.fail(broken(ticket));
  }, DOUBT);
}

/**
 * Calls that the app has forgotten, as a sign of life shows: what it says of a call when it takes it, it says before. Of one without a
 * message, all went to somebody else.
 */
export function forgotten(tickets: Iterable<Ticket>): Ticket[] {
  const long = performance.now() - DOUBT;
  return Array.from(tickets).filter(({ phase, lastMessage }) => phase === "accepted" && lastMessage < long);
}
