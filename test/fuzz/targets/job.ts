import * as fc from "fast-check";
import { Client } from "@gradio-rx/core";
import { Clock, settle } from "../job/clock.ts";
import { type Saying, sayings, Server } from "../job/server.ts";
import { type ReadApi, readApis, type Start, Watched } from "../job/watched.ts";
import { type AnyTarget, must, target } from "../target.ts";

/** One step: an action of a caller or of the app, or time that passes. `job` counts from the first. */
type Happening =
  | { do: "submit"; start: Start }
  | { do: "read"; job: number; api: ReadApi }
  | { do: "react"; job: number; at: number; by: "cancel" | "abort" | "read" | "leave" }
  | { do: "leave"; job: number; reader: number }
  | { do: "cancel" | "abort" | "ask"; job: number }
  | { do: "reply"; how: "ok" | "refused" | "junk" | "full" | "lost" }
  | { do: "say"; what: Saying; job: number }
  | { do: "cut"; clean: boolean }
  | { do: "pass"; milliseconds: number }
  | { do: "reset" | "close" };

/** Whether the next step follows without time for pending work. */
type Step = Happening & { hurried?: boolean };

/** Chooses one of several values by their weights. */
const mostly = <T>(...choices: [weight: number, value: T][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
const job = mostly([4, 0], [2, 1], [1, 2]);
const submit = fc.record({
  do: fc.constant("submit" as const),
  start: fc.record({
    timeout: mostly<number | undefined>([5, undefined], [1, 2_000]),
    startTimeout: mostly<number | undefined>([5, undefined], [1, 500]),
    keepOutputs: mostly<number | undefined>([5, undefined], [1, 1], [1, 2]),
    isolate: mostly([5, false], [1, true]),
    resubmit: mostly([3, false], [1, true]),
    wait: mostly([4, false], [1, true]),
  }),
});
const saying = fc.oneof(
  { weight: 3, arbitrary: mostly<Saying>([4, "output"], [1, "process_starts"], [1, "process_completed"]) },
  { weight: 1, arbitrary: fc.constantFrom(...sayings) },
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: submit },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), job, api: fc.constantFrom(...readApis) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("react" as const),
      job,
      at: fc.nat(6),
      by: fc.constantFrom("cancel" as const, "abort" as const, "read" as const, "leave" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), job, reader: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: mostly<"cancel" | "abort" | "ask">([2, "cancel"], [1, "abort"], [1, "ask"]), job }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("reply" as const),
      how: mostly<"ok" | "refused" | "junk" | "full" | "lost">(
        [8, "ok"],
        [1, "refused"],
        [1, "junk"],
        [1, "full"],
        [1, "lost"],
      ),
    }),
  },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("say" as const), what: saying, job }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), clean: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass" as const), milliseconds: fc.constantFrom(1, 350, 600, 2_500) }),
  },
  { weight: 1, arbitrary: fc.record({ do: mostly<"reset" | "close">([2, "reset"], [1, "close"]) }) },
);
const step: fc.Arbitrary<Step> = fc
  .tuple(happening, mostly([3, false], [1, true]))
  .map(([one, hurried]) => (hurried ? { ...one, hurried } : one));

/** A client with a scripted app and its jobs. */
class World {
  readonly clock = new Clock();
  readonly #server = new Server();
  readonly #jobs: Watched[] = [];
  #client!: Client;
  #closed: Promise<void> | null = null;

  async connect(): Promise<void> {
    this.#client = await Client.connect("http://app.test/", { transport: this.#server });
  }

  async take(one: Step): Promise<void> {
    if (one.do === "submit") {
      if (this.#jobs.length < 4) this.#jobs.push(new Watched(this.#client, this.#jobs.length, one.start));
    } else if (one.do === "reply") this.#server.reply(one.how);
    else if (one.do === "say") this.#server.say(one.what, one.job);
    else if (one.do === "cut") await this.#cut(one.clean);
    else if (one.do === "pass") await this.clock.pass(one.milliseconds);
    else if (one.do === "reset") await this.#client.resetSession();
    else if (one.do === "close") this.#closed ??= this.#client.close();
    else if ("job" in one) this.#ofJob(one);
    if (one.hurried !== true) await settle();
    for (const watched of this.#jobs) watched.checkNow();
  }

  /** Calls on a stream that ends have ended with it, unless they may be sent again. */
  async #cut(clean: boolean): Promise<void> {
    await settle();
    const lost = new Set(this.#server.cut(clean));
    const left = (): boolean =>
      this.#jobs.some(({ job: one, mayRunAgain }) => !one.done && !mayRunAgain && lost.has(one.id ?? ""));
    for (let tries = 0; tries < 10 && left(); tries++) await settle();
    must(!left(), "a call outlived its stream");
  }

  #ofJob(one: Exclude<Extract<Step, { job: number }>, { do: "say" }>): void {
    const watched = this.#jobs[one.job];
    if (!watched) return;
    if (one.do === "read") watched.read(one.api);
    else if (one.do === "react") watched.react(one.at, one.by);
    else if (one.do === "leave") watched.leave(one.reader);
    else if (one.do === "cancel") watched.cancel();
    else if (one.do === "abort") watched.abort();
    else watched.ask();
  }

  /** Calls of an app that is silent, and answers nothing, end after ten minutes; then the client works again. */
  async finish(): Promise<void> {
    this.#server.silence();
    for (let minutes = 0; minutes < 40 && this.#jobs.some(({ job: one }) => !one.done); minutes++)
      await this.clock.pass(60_000);
    await this.clock.pass(5_000);
    for (const watched of this.#jobs) watched.checkEnd(this.#server.asked);
    if (!this.#closed) await this.#callOnceMore();
    this.#closed ??= this.#client.close();
    await this.clock.pass(3_000);
    await this.#closed;
    for (const watched of this.#jobs) watched.checkEnd(this.#server.asked);
    must(this.#server.open === 0, `${this.#server.open} streams are open after close()`);
    must(this.clock.pending === 0, `${this.clock.pending} timers are left after close()`);
    must(this.clock.thrown.length === 0, `a timer threw ${String(this.clock.thrown[0])}`);
  }

  async #callOnceMore(): Promise<void> {
    this.#server.reform();
    let outcome: unknown;
    this.#client.predict("f", ["last"]).then(
      (value) => (outcome = value),
      (error: unknown) => (outcome = error),
    );
    for (let tries = 0; tries < 20 && outcome === undefined; tries++) await this.clock.pass(500);
    must(JSON.stringify(outcome) === '{"list":[1]}', `the next call ended with ${String(outcome)}`);
  }
}

/** Runs the steps; throws if an invariant does not hold. */
export async function checkJob([first, rest]: readonly [Happening, readonly Step[]]): Promise<void> {
  const world = new World();
  const uninstall = world.clock.install();
  try {
    await world.connect();
    for (const one of [first, ...rest]) await world.take(one);
    await world.finish();
  } finally {
    uninstall();
  }
}

/** The guarantees for jobs hold for any actions of callers and the app, in any order and at any time. */
export const jobs: AnyTarget = target({
  name: "job",
  few: 200,
  inputs: fc.tuple(submit, fc.array(step, { maxLength: 40 })),
  check: checkJob,
});
