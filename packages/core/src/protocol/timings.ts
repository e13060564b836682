// Every time that a protocol waits, with its reason. All are milliseconds.

/** Maximum time that the app takes to sweep a session after its reader left. A call that joins before is swept with it (PROTOCOL.md, 2.6). */
export const SWEEP = 300;
/** Time that an event stream stays open after its last call, so that the app can close it itself. */
export const GRACE = 1_000;
/** Time that a connection stays open after `close_stream`: an abort could take the messages of a call that joins at that moment. */
export const PARTING_GRACE = 1_000;
/**
 * Time that the next call is held after the last one ended, unless `close_stream` arrives first. The app sends `close_stream` at
 * once; a call on a stream that breaks instead would be lost.
 */
export const GOODBYE = 100;
/** Maximum time until an event stream brings a message after its last call was given up. A working one brings the call's end. */
export const LIVENESS = 400;
/** Maximum time until a call that the app may have dropped brings a message which proves that the app runs it. */
export const DOUBT = 2_000;
/**
 * Time during which a queued call may be starting after an estimation, or after a call of its function has ended: where there is room,
 * `process_starts` follows at once (PROTOCOL.md, 5.1).
 */
const STARTING = 300;
/** Time that the cancel of a call waits for the call's first message. */
export const FIRST_MESSAGE = 300;
/** Time after the answer to a cancel during which the call keeps the stream open for its end. */
export const EXPIRY = 1_000;
/** Time limit of the request of a cancel or a reset. Its caller waits no longer, as the call has ended for it. */
export const CANCEL_TIMEOUT = 2_000;
/** Shortest and longest pause before a heartbeat connection is opened again. */
export const HEARTBEAT_RETRY = { shortest: 1_000, longest: 60_000 } as const;
/**
 * Silence of an event stream after which the app's id is requested, also after each further silence of that length: four of the app's
 * heartbeats. Proxies and busy apps hold heartbeats back.
 */
export const QUIET = 60_000;
/** Maximum silence during which the app has answered nothing. A host that restarts, or a network that recovers, takes less. */
export const PATIENCE = 600_000;
/** Time limit of the request for the app's id. */
export const ANSWER = 30_000;
/** Time between two measurements of a silence. A measurement that is late shows a standstill of this process. */
export const LOOK = 5_000;
/** Delay of a timer that a busy process may have. A longer one is a standstill. */
export const LATE = 50;
/** Time after a standstill in which the sockets are read, before a limit strikes. */
export const READING = 250;
/** Time since the app was last known to be the same, in which its id is not requested. An app takes longer to start. */
export const CERTAIN = 5_000;
/** Time since the app was last known to be the same, in which a call by name does not wait for the app's id. */
export const RECENT = 60_000;
/** Time after the acceptance of a call in which its first message arrives. The app sends it before it accepts the call. */
export const UNHEARD = 10_000;

/** Returns the time that calls are held for the sweep of a session, at an app of that latency. */
export function sweepAfter(latency: number): number {
  return atLatency(SWEEP, latency);
}

/** Returns the time during which a queued call may be starting, at an app of that latency. */
export function startingAfter(latency: number): number {
  return atLatency(STARTING, latency);
}

/** Maximum of a time that grows with the latency of the app. */
const LONGEST = 3_000;

/**
 * Returns a time of an app that is slow.
 *
 * @param latency - how long the app took to accept recent calls: an app that is slow in that is slow in other things, too.
 */
function atLatency(time: number, latency: number): number {
  return Math.min(LONGEST, Math.max(time, 3 * latency));
}
