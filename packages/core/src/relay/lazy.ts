import { defer, finalize, from, type Observable, switchMap, takeUntil } from "rxjs";
import type { CallEvent } from "../call/messages.ts";
import { startingEvent, terminalStatus } from "../call/status.ts";
import { ConnectionError } from "../errors.ts";
import { loadPart } from "../load.ts";
import { endOf } from "../protocol/protocol.ts";
import { aborted } from "../timers.ts";
import type { RelayedJob, RelayWriter } from "./encode.ts";

/**
 * Returns the events of a relayed call, with exactly one terminal status. The code that reads them is loaded on subscription.
 *
 * @param signal - aborted with the {@link CallEnd} of the call; then the answer is cancelled.
 */
export function relayedCall<T>(response: Response | Promise<Response>, signal: AbortSignal): Observable<CallEvent<T>> {
  // The response may fail before the code that reads it is loaded.
  Promise.resolve(response).catch(() => undefined);
  const events$: Observable<CallEvent> = defer(() => from(loadCodec().catch(notLoaded))).pipe(
    switchMap(({ readRelay }) => readRelay(response)),
    takeUntil(aborted(signal, () => endOf(signal)?.error)),
    finalize(() => discard(response)),
    terminalStatus(startingEvent({ endpoint: "", fnIndex: -1 }), signal),
  );
  // The caller states the type of the data; it is not checked.
  return events$ as Observable<CallEvent<T>>;
}

/** Returns the events of a job as bytes. The code that writes them is loaded with the first read. */
export function relayStream(
  job: RelayedJob & { cancel(): Promise<boolean> },
  cancelsJob: boolean,
): ReadableStream<Uint8Array> {
  let writer: Promise<RelayWriter> | null = null;
  const open = (): Promise<RelayWriter> => (writer ??= loadCodec().then(({ RelayWriter: Writer }) => new Writer(job)));
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const chunk = await (await open()).read();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: async () => {
        (await writer)?.stop();
        if (cancelsJob) await job.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

async function loadCodec(): Promise<typeof import("./codec.ts")> {
  return await loadPart(() => import("./codec.ts"));
}

/** Throws the error for code that cannot be loaded. The server may have made the call, so it must not be repeated. */
function notLoaded(cause: unknown): never {
  throw new ConnectionError("The code that reads a relay could not be loaded. Reload the page.", {
    cause,
    accepted: null,
  });
}

/** Cancels an answer that was not read to its end. */
function discard(response: Response | Promise<Response>): void {
  Promise.resolve(response)
    .then(async ({ body }) => {
      if (body && !body.locked) await body.cancel();
    })
    .catch(() => undefined);
}
