import type { ByteReader, Transport, TransportRequest, TransportResponse } from "@gradio-rx/core/platform";

// A browser opens six connections to a host that speaks HTTP/1.1, for all its pages together. Event streams and heartbeats hold
// theirs for as long as a call or a session lasts. The ones of all clients share a few, so that joins always find a free one.

/** Maximum number of event streams to one host. Two more connections are left for other requests. */
const STREAMS = 3;

/** Uses a lock, which is held until the promise resolves. */
type UseLock = () => Promise<void> | undefined;

/**
 * Sends a request for an event stream when there is a place for it: one heartbeat, and a few streams, to each host. The place is free again
 * when the body has ended or the signal is aborted. Pages of one origin share the places by Web Locks.
 */
export async function sendInTurn(
  transport: Pick<Transport, "send">,
  request: TransportRequest,
): Promise<TransportResponse> {
  const { signal } = request;
  const { origin } = new URL(request.url);
  const free = request.background
    ? await takeOne([`gradio-rx heartbeat ${origin}`], signal)
    : await takeStream(origin, signal);
  signal.addEventListener("abort", free, { once: true });
  const end = (): void => {
    signal.removeEventListener("abort", free);
    free();
  };
  try {
    const { status, url, type, headers, body } = await transport.send(request);
    if (!body) end();
    const source = body && {
      getReader: () => watchEnd(body.getReader(), end),
      cancel: () => body.cancel().finally(end),
    };
    return { status, url, headers, body: source, ...(type === undefined ? {} : { type }) };
  } catch (error) {
    end();
    throw error;
  }
}

function watchEnd(reader: ByteReader, end: () => void): ByteReader {
  return {
    read: async () => {
      const chunk = await reader.read().catch((error: unknown) => {
        end();
        throw error;
      });
      if (chunk.done) end();
      return chunk;
    },
    cancel: () => reader.cancel().finally(end),
  };
}

/** Takes a place for a stream. Those that wait take turns. */
async function takeStream(origin: string, signal: AbortSignal): Promise<() => void> {
  const pass = await takeOne([`gradio-rx turn ${origin}`], signal);
  const names = Array.from({ length: STREAMS }, (_, place) => `gradio-rx stream ${place} ${origin}`);
  return await takeOne(names, signal).finally(pass);
}

/** Takes the first of some locks that is free; returns the function that releases it. Rejects with the signal's reason. */
function takeOne(names: readonly string[], signal: AbortSignal): Promise<() => void> {
  const settled = new AbortController();
  const waiting = AbortSignal.any([signal, settled.signal]);
  return new Promise((resolve, reject) => {
    const take = (): Promise<void> | undefined => {
      if (waiting.aborted) return undefined;
      settled.abort();
      return new Promise((release) => resolve(release));
    };
    const fail = (error: unknown): void => {
      if (!settled.signal.aborted) reject(error);
    };
    for (const name of names) requestLock(name, { signal: waiting }, take).catch(fail);
  });
}

/**
 * Requests a lock of the platform. Locks of this page alone replace them where the platform has none, as in a page without TLS, or
 * denies them, as in a frame of another site without access to storage.
 */
async function requestLock(name: string, options: LockOptions, use: UseLock): Promise<void> {
  // Absent in pages without TLS, whatever the types say.
  const platform = navigator.locks as LockManager | undefined;
  try {
    if (platform) return await platform.request(name, options, use);
  } catch (error) {
    if ((error as Error).name !== "SecurityError") throw error;
  }
  await requestHere(name, options, use);
}

/** Ends of the locks of this page alone, by name. */
const ends = new Map<string, Promise<unknown>>();

async function requestHere(name: string, { signal }: LockOptions, use: UseLock): Promise<void> {
  const before = ends.get(name);
  const end = (async () => {
    await before;
    if (!signal?.aborted) await use();
  })();
  ends.set(name, end);
  await end;
  if (ends.get(name) === end) ends.delete(name);
  signal?.throwIfAborted();
}
