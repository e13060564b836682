import type { BatchApp } from "@gradio-rx/batch";
import { Client, type EndpointInfo, InputError, type Logger, type NodeConnectOptions } from "@gradio-rx/node";
import { connectOptions } from "../connect.ts";
import { localFiles, Stdin } from "../data/files.ts";
import { endpointOf } from "../data/read.ts";
import { Interruption, UsageError } from "../exit.ts";
import { listed } from "../listed.ts";
import type { Run } from "../run.ts";
import type { BatchDisplay } from "../terminal/batch-display.ts";

/** Time that running calls have to end after Ctrl-C, in milliseconds. */
const GRACE = 30_000;

/** Returns the copies of the app, each with its connect options: a token goes to no other copy than its own. */
export async function copiesOf(run: Run, apps: readonly string[]): Promise<BatchApp[]> {
  const files = filesOf(run);
  return await Promise.all(apps.map(async (app) => ({ app, ...(await connectOptions(run, app)), localFiles: files })));
}

/** Returns the function for `@path` in the place of a file. A file that cannot be read is an error of its input alone. */
function filesOf({ io }: Run): NonNullable<Exclude<NodeConnectOptions["localFiles"], boolean>> {
  const read = localFiles(new Stdin(io.stdin));
  return (text) => {
    if (text === "@-") throw new InputError("Stdin cannot be a file of an input: write @path.");
    try {
      return read(text);
    } catch (error) {
      throw error instanceof UsageError ? new InputError(error.message, { cause: error }) : error;
    }
  };
}

/**
 * Returns the endpoint as the first copy that answers describes it. It is asked before the store knows the endpoint.
 *
 * @throws UsageError for an app that does not have it; the error of the first copy where none answers.
 */
export async function describeEndpoint(
  run: Run,
  { apps, endpoint: named }: { apps: readonly string[]; endpoint: string },
  signal: AbortSignal,
): Promise<EndpointInfo> {
  const failures: unknown[] = [];
  for (const app of apps) {
    try {
      return await endpointAt(await Client.connect(app, { ...(await connectOptions(run, app)), signal }), app, named);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UsageError) throw error;
      failures.push(error);
    }
  }
  throw failures[0];
}

/** Returns the endpoint of an app, and closes the client. */
async function endpointAt(client: Client, app: string, named: string): Promise<EndpointInfo> {
  try {
    const endpoint = endpointOf(client, named);
    if (endpoint) return endpoint;
    const names = listed(client.endpoints.map(({ name }) => name));
    throw new UsageError(`The app ${app} has no endpoint ${JSON.stringify(named)}. It has: ${names}.`);
  } finally {
    await client.close();
  }
}

/** Returns a logger whose warnings are lines of the display. */
export function warningsOf(display: BatchDisplay): Logger {
  const nothing = (): void => undefined;
  return { debug: nothing, info: nothing, warn: (message) => display.note(`warning: ${message}`), error: nothing };
}

/**
 * Stops a batch or a worker when a signal is aborted. After Ctrl-C, SIGTERM or SIGHUP the running calls have 30 s to end.
 *
 * @returns a function that removes the listener.
 */
export function stopOnAbort(
  stoppable: { stop(options: { grace: number }): Promise<void> },
  signal: AbortSignal,
  display: BatchDisplay,
): () => void {
  const stop = (): void => {
    const reason: unknown = signal.reason;
    const hasGrace = reason instanceof Interruption && !reason.silent;
    if (hasGrace) display.note(`Stopping: running calls have ${GRACE / 1_000} s to end. Ctrl-C ends them at once.`);
    void stoppable.stop({ grace: hasGrace ? GRACE : 0 });
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return () => signal.removeEventListener("abort", stop);
}
