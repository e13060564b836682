import { CancelledError, type Client, GradioError, type Job, type JobEvent } from "@gradio-rx/core";
import { must } from "../target.ts";

/** API of a job that delivers events. */
export const readApis = ["events$", "loop", "outputs$", "values", "latest", "status$", "on"] as const;
export type ReadApi = (typeof readApis)[number];

/** A reader of a job. */
interface Reader {
  api: ReadApi;
  got: unknown[];
  ends: unknown[];
  left: boolean;
  leave: () => void;
}

/** Options of a job. */
export interface Start {
  timeout: number | undefined;
  startTimeout: number | undefined;
  keepOutputs: number | undefined;
  isolate: boolean;
  resubmit: boolean;
  wait: boolean;
}

/** A job with everything that it delivered, and the invariants for it. */
export class Watched {
  readonly job: Job;
  readonly #start: Start;
  readonly #number: number;
  readonly #abort = new AbortController();
  readonly #events: JobEvent[] = [];
  readonly #copies: string[] = [];
  readonly #ends: { result?: unknown; error?: unknown }[] = [];
  readonly #readers: Reader[] = [];
  readonly #cancels: (boolean | null)[] = [];
  readonly #results: { result?: unknown; error?: unknown }[] = [];

  constructor(client: Client, number: number, start: Start) {
    const { wait, ...options } = start;
    this.#start = start;
    this.#number = number;
    const take = (event: JobEvent): void => {
      this.#events.push(event);
      this.#copies.push(JSON.stringify(event));
    };
    this.job = client.submit("f", [number], {
      ...options,
      onQueueFull: wait ? "wait" : "fail",
      signal: this.#abort.signal,
      onStatus: take,
      onData: take,
      onLog: take,
      onResult: (result) => this.#ends.push({ result }),
      onError: (error) => this.#ends.push({ error }),
    });
    must(this.#events.length === 0, "a callback was called before submit had returned");
    this.ask();
  }

  read(api: ReadApi): void {
    const reader: Reader = { api, got: [], ends: [], left: false, leave: () => undefined };
    this.#readers.push(reader);
    const { job } = this;
    const take = (one: unknown): void => {
      must(!reader.left, `${api} delivered to a reader that had left`);
      must(reader.ends.length === 0, `${api} delivered something after its end`);
      reader.got.push(one);
    };
    const end = (how: unknown): void => void reader.ends.push(how);
    if (api === "events$" || api === "outputs$" || api === "status$") {
      const observer = { next: take, error: end, complete: () => end("complete") };
      const subscription = (job[api] as Job["events$"]).subscribe(observer);
      reader.leave = () => subscription.unsubscribe();
    } else if (api === "on") {
      const stops = [job.on("status", take), job.on("result", () => end("complete")), job.on("error", end)];
      reader.leave = () => stops.forEach((stop) => stop());
    } else {
      const loop =
        api === "loop" ? job[Symbol.asyncIterator]() : job.values({ policy: api === "values" ? "buffer" : "latest" });
      reader.leave = () => void loop.return?.();
      const run = async (): Promise<void> => {
        for await (const one of loop) take(one);
      };
      run().then(
        () => reader.left || end("complete"),
        (error: unknown) => end(error),
      );
    }
  }

  leave(which: number): void {
    const reader = this.#readers[which % Math.max(1, this.#readers.length)];
    if (!reader) return;
    reader.left = true;
    reader.leave();
  }

  /** Whether the call is sent again when its connection breaks. */
  get mayRunAgain(): boolean {
    return this.#start.resubmit;
  }

  /** A reader that does something while it handles an event. */
  react(at: number, by: "cancel" | "abort" | "read" | "leave"): void {
    let told = 0;
    const subscription = this.job.events$.subscribe({
      next: () => {
        if (told++ !== at) return;
        if (by === "read") this.read("events$");
        // During the replay of past events the reader does not have its subscription yet.
        else if (by === "leave") queueMicrotask(() => subscription.unsubscribe());
        else this[by]();
      },
      error: () => undefined,
    });
  }

  cancel(): void {
    const at = this.#cancels.push(null) - 1;
    void this.job.cancel().then((did) => (this.#cancels[at] = did));
    must(this.job.done, "a cancelled job goes on");
  }

  abort(): void {
    this.#abort.abort(new Error("mine"));
    must(this.job.done, "an aborted job goes on");
  }

  ask(): void {
    this.job.result().then(
      (result) => this.#results.push({ result }),
      (error: unknown) => this.#results.push({ error }),
    );
    this.#results.length += 0;
  }

  /** Checks the invariants that hold at every moment. */
  checkNow(): void {
    const { job } = this;
    const events = this.#events;
    const terminals = events.filter((event) => event.type === "status" && event.success !== null);
    must(terminals.length <= 1, `${terminals.length} terminal statuses`);
    must(terminals.length === 0 || terminals[0] === events.at(-1), "something follows the terminal status");
    must(this.#ends.length <= 1, "told twice how it ended");
    must(job.done === (job.status().success !== null), "done and status do not agree");
    events.forEach((event, at) =>
      must(JSON.stringify(event) === this.#copies[at], "an event changed after it was handed out"),
    );
  }

  /** Checks the invariants that hold at the end. */
  checkEnd(asked: readonly unknown[]): void {
    this.checkNow();
    const { job } = this;
    const events = this.#events;
    must(job.done, `${job.status().stage}: it never ended`);
    const [first, last] = [events[0], events.at(-1)];
    must(first?.type === "status" && first.stage === "starting", "it does not begin with starting");
    must(last?.type === "status" && last.success !== null, "it does not end with a terminal status");
    const [end] = this.#ends;
    must(end !== undefined, "neither onResult nor onError was called");
    const ok = last.stage === "complete";
    must(ok === "result" in end, "status and callbacks do not agree");
    if (!ok) this.#checkError(end.error, last.stage);
    this.#checkOutputs(ok, end.result);
    for (const one of this.#results)
      must(ok ? one.result === end.result : one.error === end.error, "result() says something else");
    must(this.#results.length > 0, "result() never settled");
    const sent = asked.filter((one) => one === this.#number).length;
    must(sent <= 1 || this.#start.resubmit || this.#start.wait, `it was sent ${sent} times`);
    must(
      this.#cancels.every((did) => did !== null),
      "a cancel never resolved",
    );
    must(this.#cancels.filter(Boolean).length <= 1, "two cancels say that they have done it");
    if (this.#cancels.includes(true))
      must(
        last.stage === "cancelled" && end.error instanceof CancelledError,
        "cancel() was true, and the job was not cancelled",
      );
    for (const reader of this.#readers) this.#checkReader(reader, ok ? "complete" : end.error);
  }

  #checkError(error: unknown, stage: string): void {
    const own = this.#abort.signal.aborted && error === this.#abort.signal.reason;
    must(own || error instanceof GradioError, `an untyped error: ${String(error)}`);
    must((own || error instanceof CancelledError) === (stage === "cancelled"), `${String(error)} ended in ${stage}`);
  }

  /** Outputs of the last attempt, which are kept. */
  #checkOutputs(ok: boolean, result: unknown): void {
    const attempts = this.#events.map((event) =>
      event.type === "status" && event.stage === "starting" ? event.attempt : 0,
    );
    const anew = attempts.lastIndexOf(Math.max(...attempts));
    const from = Math.max(...attempts) > 1 ? attempts.indexOf(Math.max(...attempts)) : anew;
    const data = this.#events.slice(Math.max(0, from)).flatMap((event) => (event.type === "data" ? [event.data] : []));
    const { keepOutputs = Infinity } = this.#start;
    const kept = keepOutputs === 0 ? [] : data.slice(-keepOutputs);
    must(
      JSON.stringify(this.job.outputs()) === JSON.stringify(kept),
      `outputs() is ${JSON.stringify(this.job.outputs())} in place of ${JSON.stringify(kept)}`,
    );
    if (ok) must(data.length > 0 && typeof result === "object", "a result, and no output");
  }

  /**
   * Checks that all readers receive the same events. A reader that leaves receives the beginning; a late reader may miss
   * outputs that were dropped.
   */
  #checkReader({ api, got, ends, left }: Reader, end: unknown): void {
    if (!left) must(ends.length === 1 && ends[0] === end, `${api} ended ${ends.length} times, with ${String(ends[0])}`);
    const all: unknown[] = this.#events.flatMap((event): unknown[] => {
      if (api === "events$" || api === "loop") return [event];
      if (api === "status$" || api === "on") return event.type === "status" ? [event] : [];
      return event.type === "data" ? [event.data] : [];
    });
    const { keepOutputs, resubmit } = this.#start;
    const givesOutputs = api === "outputs$" || api === "values" || api === "latest";
    const isOutput = (one: unknown): boolean => givesOutputs || (one as JobEvent).type === "data";
    let at = 0;
    for (const one of got) {
      // A late reader receives equal outputs: they are rebuilt from the app's edits.
      const copy = JSON.stringify(one);
      const same = all.indexOf(one, at);
      const found = same >= 0 ? same : all.findIndex((told, index) => index >= at && JSON.stringify(told) === copy);
      must(found >= 0, `${api} delivered something that no other reader received, or out of order`);
      // Of statuses in a row with the same stage, a late reader receives the latest.
      const missed = all.slice(at, found).filter((told, index) => !isFollowed(told, all[at + index + 1]));
      const mayMiss = api === "latest" || ((keepOutputs !== undefined || resubmit) && missed.every(isOutput));
      must(mayMiss || missed.length === 0, `${api} omitted ${missed.length}`);
      at = found + 1;
    }
    // The newest output is kept, unless it belongs to an attempt that was lost.
    const rest = left ? 0 : all.length - at;
    must(rest === 0 || (givesOutputs && resubmit), `${api} left the last ${rest} out`);
  }
}

/** Whether two events in a row are statuses with the same stage. */
function isFollowed(one: unknown, next: unknown): boolean {
  const [before, after] = [one as JobEvent, next as JobEvent | undefined];
  return before.type === "status" && after?.type === "status" && before.stage === after.stage;
}
