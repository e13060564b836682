/** Milliseconds between two plain calls. */
const PAUSE = 1_000;

/** Number of plain calls by whose duration the limits of a fault grow: about as many exchanges as its calls make. */
const CALLS = 10;

/** Durations of the last plain calls, the oldest first, with the time at which each ended. */
const ended: { at: number; took: number }[] = [];

/** Start of the plain call that is under way; `null` between two calls. */
let startedAt: number | null = null;

/**
 * Measures the speed of the machine: from now on, the app is sent a plain call each second, without a fault and without the SDK. On a
 * machine that other programs use too, each call takes longer, and so do those that meet a fault.
 *
 * @param app - URL of the app.
 * @returns a function that ends the measurement.
 */
export function measurePace(app: string): () => void {
  const abort = new AbortController();
  void (async () => {
    while (!abort.signal.aborted) {
      startedAt = performance.now();
      await plainCall(app, abort.signal).catch(() => undefined);
      const at = performance.now();
      ended.push({ at, took: at - startedAt });
      if (ended.length > 120) ended.shift();
      startedAt = null;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  })();
  return () => abort.abort();
}

/** Milliseconds by which the limits of a fault grow: the duration of ten plain calls, of the slowest one since `begun`. */
export function delaySince(begun: number): number {
  const durations = ended.filter(({ at }) => at >= begun).map(({ took }) => took);
  const current = startedAt === null ? 0 : performance.now() - startedAt;
  return CALLS * Math.max(current, ...durations, 0);
}

/** Calls a function by its name, and reads its answer to the end. */
async function plainCall(app: string, signal: AbortSignal): Promise<void> {
  const path = `${app.replace(/\/$/, "")}/gradio_api/call/echo`;
  const headers = { "content-type": "application/json" };
  const joined = await fetch(path, { method: "POST", headers, body: JSON.stringify({ data: ["pace"] }), signal });
  const { event_id: id } = await joined.json();
  await (await fetch(`${path}/${id}`, { signal })).text();
}
