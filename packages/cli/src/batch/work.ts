import { limited } from "../connect.ts";
import { exitCodes } from "../exit.ts";
import { write } from "../io.ts";
import type { Run } from "../run.ts";
import { openBatchDisplay } from "../terminal/batch-display.ts";
import type { BatchOptions, Plan } from "./plan.ts";
import { copiesOf, stopOnAbort, warningsOf } from "./setting.ts";
import { loadStore } from "./store.ts";

/** Runs inputs of a batch that another process feeds, until it is stopped. */
export async function joinBatch(given: Run<BatchOptions>, plan: Extract<Plan, { kind: "work" }>): Promise<number> {
  const { io, options } = given;
  const run = { ...given, signal: limited(given) };
  const loaded = await loadStore(plan.store);
  const apps = await copiesOf(run, plan.apps);
  const display = await openBatchDisplay(io, options);
  const closing = new AbortController();
  display.note(`Runs inputs of ${loaded.shown} until it is stopped.`);
  const worker = loaded.package.createWorker({
    store: loaded.store,
    apps,
    connect: { signal: closing.signal },
    logger: warningsOf(display),
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    ...(options.out === undefined ? {} : { files: { to: options.out } }),
  });
  const removeListener = stopOnAbort(worker, run.signal, display);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.progress$.subscribe({
        next: (progress) => {
          const { succeeded, failed } = progress;
          display.show({ ended: succeeded + failed, failed, total: null, progress });
          if (options.json) void write(io.stdout, `${JSON.stringify({ type: "progress", ...progress })}\n`);
        },
        error: reject,
        complete: resolve,
      });
    });
    run.signal.throwIfAborted();
    return exitCodes.done;
  } finally {
    display.end();
    removeListener();
    await worker.stop({ grace: 0 });
    closing.abort();
  }
}
