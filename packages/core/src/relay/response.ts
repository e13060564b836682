/** Headers of a relayed stream. Proxies do not change it, and browsers do not execute it. */
const streamHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox",
};

/** The part of a job that `eventStreamResponse` uses. */
export interface StreamableJob {
  toReadableStream(options?: { detach?: boolean | undefined }): ReadableStream<Uint8Array>;
}

/**
 * Returns a job as an HTTP response: an event stream of its events, outputs and errors, from which `Job.fromResponse` creates a job. The job
 * is cancelled when the reader disconnects.
 *
 * @param init - status and headers of the response, which replace its own.
 *
 * @example
 * ```ts
 * export async function POST(request: Request) {
 *   return eventStreamResponse(client.submit("/chat", await request.json()));
 * }
 * ```
 */
export function eventStreamResponse(job: StreamableJob, init: ResponseInit = {}): Response {
  const headers = new Headers(streamHeaders);
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  return new Response(job.toReadableStream(), { ...init, headers });
}
