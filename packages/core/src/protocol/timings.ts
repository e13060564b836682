// Every time that a protocol waits, with its reason. All are milliseconds.

/** How long the app may take to sweep a session after its reader left. A call that joins before is swept with it (PROTOCOL.md, 2.6). */
export const SWEEP = 300;
/** Maximum time that a call is held for the sweep of a slow app. */
const LONGEST_SWEEP = 3_000;
/** How long an event stream stays open after its last call, so that the app can close it itself. */
export const GRACE = 1_000;
/** How long a connection stays open after `close_stream`: an abort could take the messages of a call that joins at that moment. */
export const PARTING_GRACE = 1_000;
/**
 * How long the next call is held after the last one ended, unless `close_stream` comes first. The app sends `close_stream` at
 * once; a call on a stream that breaks instead would be lost.
 */
export const GOODBYE = 100;
/** How long an event stream may take to bring a message after its last call was given up. A working one brings the call's end. */
export const LIVENESS = 400;
/** How long a call may take to bring a message that proves that the app runs it, where the app may have dropped it. */
export const DOUBT = 2_000;
/**
 * How long a queued call may still be starting after an estimation: where there is room, `process_starts` follows at once
 * (PROTOCOL.md, 5.1).
 */
export const STARTING = 300;
/** How long the first message of a call may take before its cancel is sent without it. */
export const FIRST_MESSAGE = 300;
/** How long a cancelled call may stay unfinished after the app answered the cancel. Then it no longer keeps the stream open. */
export const EXPIRY = 1_000;
/** How long the request of a cancel or a reset may take, and how long a caller waits for it: the call itself has ended. */
export const CANCEL_TIMEOUT = 2_000;
/** Shortest and longest pause before a heartbeat connection is opened again. */
export const HEARTBEAT_RETRY = { shortest: 1_000, longest: 60_000 } as const;

/**
 * How long calls are held for the sweep of a session.
 *
 * @param latency - how long the app took to accept recent calls: an app that is slow in that is slow to notice things, too.
 */
export function sweepAfter(latency: number): number {
  return Math.min(LONGEST_SWEEP, Math.max(SWEEP, 3 * latency));
}
