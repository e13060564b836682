import type { Job } from "./job.ts";

/**
 * Waits until a streaming job receives its next chunk or is closed.
 *
 * @param seconds - maximum time to wait.
 * @returns `false` if neither happened in that time.
 */
export function waitForChunk(job: Job, seconds: number): Promise<boolean> {
  if (job.closed || job.fresh) {
    job.fresh = false;
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const end = (woken: boolean): void => {
      clearTimeout(timer);
      job.abort.signal.removeEventListener("abort", onAbort);
      job.wake = () => undefined;
      job.fresh = false;
      resolve(woken);
    };
    const onAbort = (): void => end(false);
    const timer = setTimeout(() => end(false), seconds * 1000);
    job.abort.signal.addEventListener("abort", onAbort, { once: true });
    job.wake = () => end(true);
  });
}

/** Gives a streaming job its next chunk. Replaces a chunk that has not been read yet. */
export function pushChunk(job: Job, data: readonly unknown[]): void {
  job.data = data;
  job.fresh = true;
  job.wake();
}

/** Closes a streaming job. Its last output becomes its result. */
export function closeChunks(job: Job): void {
  job.runTime = Number.POSITIVE_INFINITY;
  job.closed = true;
  job.wake();
}
