import type { Job } from "./job.ts";

/**
 * Waits for a streaming job's next chunk, or for its close.
 *
 * @param seconds - how long.
 * @returns `false` where nothing came in that time.
 */
export function waitForChunk(job: Job, seconds: number): Promise<boolean> {
  if (job.closed || job.fresh) {
    job.fresh = false;
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const end = (woken: boolean): void => {
      clearTimeout(timer);
      job.abort.signal.removeEventListener("abort", gone);
      job.wake = () => undefined;
      job.fresh = false;
      resolve(woken);
    };
    const gone = (): void => end(false);
    const timer = setTimeout(() => end(false), seconds * 1000);
    job.abort.signal.addEventListener("abort", gone, { once: true });
    job.wake = () => end(true);
  });
}

/** Gives a streaming job its next chunk; one that has not been read yet is replaced. */
export function giveChunk(job: Job, data: readonly unknown[]): void {
  job.data = data;
  job.fresh = true;
  job.wake();
}

/** Closes a streaming job: its last output becomes its result. */
export function closeChunks(job: Job): void {
  job.runTime = Number.POSITIVE_INFINITY;
  job.closed = true;
  job.wake();
}
