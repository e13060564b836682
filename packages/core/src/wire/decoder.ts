import { Observable } from "rxjs";
import { AppError, CancelledError, ConnectionError, GradioError, ProtocolError, SessionLostError } from "../errors.ts";
import type { CallEvent, Change, LogEvent, Stage, StatusEvent, StatusUpdate } from "../events.ts";
import { isFields } from "../fields.ts";
import { applyEdits, type Path } from "./diff.ts";
import type { WireFailure, WireMessage, WireOutput } from "./messages.ts";
import { quotaError } from "./quota.ts";
import { initialStatus, milliseconds, progressLine, queueLine, untilClosed } from "./status.ts";

/** What the decoder must know of the endpoint that was called. */
export interface DecoderTarget {
  /** API name with its slash. */
  endpoint: string;
  fnIndex: number;
  /** How many outputs the function has, states included. */
  outputs: number;
  /** Positions, among them, of those that the caller sees: all but the states. */
  visible: readonly number[];
  /** Makes of the value of a visible output on the wire what the caller gets, files above all. `undefined` where nothing needs it. */
  present?: ((value: unknown, output: number) => unknown) | undefined;
  /** Told what the function has rendered of the app, before the output that came with it. */
  rendered?: ((config: unknown) => void) | undefined;
  /** Holds events back until what they need is there. Without it they are told at once. */
  outbox?: ((tell: (event: CallEvent) => void, fail: (error: unknown) => void) => Outbox) | undefined;
}

/** Where the events of one call wait, in their order. */
export interface Outbox {
  push(event: CallEvent): void;
  /** Does something as soon as all that was pushed before has been told. */
  whenTold(work: () => void): void;
  /** Forgets what waits, and gives up what it waits for. */
  drop(): void;
}

type Message<Kind extends WireMessage["kind"]> = Extract<WireMessage, { kind: Kind }>;

const levels: readonly LogEvent["level"][] = ["info", "warning", "success", "error"];

/**
 * The events of a call from its messages: `starting` first, then what the messages mean, and exactly one terminal
 * status last, right before the stream completes or errors.
 *
 * @param isCancel - whether an error is a wish to end the call: then the terminal status is `cancelled`.
 */
export function decode(
  target: DecoderTarget,
  isCancel: (error: unknown) => boolean,
): (messages$: Observable<WireMessage>) => Observable<CallEvent> {
  return (messages$) =>
    new Observable((subscriber) => {
      const tell = (event: CallEvent): void => subscriber.next(event);
      const outbox = target.outbox?.(tell, (error) => fail(error)) ?? direct(tell);
      const decoder = new Decoder(target, outbox);
      let ending = false;
      // Whoever is told the terminal status may abort the call just then: it has ended all the same.
      let ended = false;
      const complete = (): void => {
        if (ended) return;
        ended = true;
        tell(decoder.status("complete", "Complete", { success: true }));
        subscriber.complete();
      };
      /** An error on the way does not wait for what the outputs so far still need. */
      const fail = (error: unknown): void => {
        if (ended) return;
        ended = true;
        outbox.drop();
        const msg = error instanceof Error ? error.message : String(error);
        const status = decoder.status(isCancel(error) ? "cancelled" : "error", msg, { success: false });
        if (error instanceof GradioError) {
          error.endpoint ??= status.endpoint;
          error.eventId ??= status.eventId;
        }
        tell(status);
        subscriber.error(error);
      };
      decoder.tell("starting", "Starting");
      subscriber.add(() => outbox.drop());
      subscriber.add(
        messages$.subscribe({
          next: (message) => {
            if (ending) return;
            try {
              // To write down each time that it goes on would cost a tenth of what a message costs.
              if (!decoder.push(message)) return;
              ending = true;
              outbox.whenTold(complete);
            } catch (error) {
              ending = true;
              outbox.whenTold(() => fail(error));
            }
          },
          error: fail,
          complete: () => {
            if (!ending) fail(new ProtocolError("The app ended the call without a result."));
          },
        }),
      );
    });
}

/** Nothing waits. */
function direct(tell: (event: CallEvent) => void): Outbox {
  return { push: tell, whenTold: (work) => work(), drop: () => undefined };
}

/**
 * Turns the messages of one call into the events that users see. It owns what that needs: the last outputs, for diffs,
 * and the last status. Pure but for the clock.
 */
class Decoder {
  readonly #target: DecoderTarget;
  readonly #outbox: Pick<Outbox, "push">;
  /** The last one told, or as good as told. */
  #status: StatusEvent;
  /** The outputs as the wire has them, states included, that the next diff starts from. */
  #raw: unknown[] | null = null;
  /** The values of the visible outputs as they were handed out last. */
  #values: readonly unknown[] = [];
  /** Whether the one output is a text that goes on from the one before. */
  #grown = false;
  /** What changed where the whole of an output did, by output. */
  readonly #wholes: Change[][] = [];
  /** When the last event was told. */
  #time = new Date(0);

  constructor(target: DecoderTarget, outbox: Pick<Outbox, "push">) {
    this.#target = target;
    this.#outbox = outbox;
    const { endpoint, fnIndex } = target;
    this.#status = { type: "status", endpoint, fnIndex, eventId: null, ...initialStatus() };
  }

  /** Tells where the call stands. What `patch` leaves out stays as it was. */
  tell(stage: Stage, msg: string, patch: Partial<StatusUpdate> = {}): void {
    this.#outbox.push(this.status(stage, msg, patch));
  }

  /** The same, for somebody else to tell. */
  status(stage: Stage, msg: string, patch: Partial<StatusUpdate>): StatusEvent {
    return (this.#status = { ...this.#status, ...patch, stage, msg, time: this.#now() });
  }

  /**
   * Emits what a message means.
   *
   * @returns whether the message ends the call: then it has told its result.
   * @throws the error that ends the call; ProtocolError for an output that does not fit.
   */
  push(message: WireMessage): boolean {
    switch (message.kind) {
      case "process_generating":
        this.#generating(message);
        break;
      case "uploading":
        this.tell("uploading", message.files === 1 ? "Uploading a file" : `Uploading ${message.files} files`);
        break;
      case "accepted":
        this.#accepted(message.eventId);
        break;
      case "resubmitted":
        this.#startAgain();
        break;
      case "queue_full":
        this.tell("starting", "The app's queue is full; waiting for room");
        break;
      case "estimation":
        this.#queued(message);
        break;
      case "process_starts":
        this.tell("processing", "Processing", { eta: milliseconds(message.eta) ?? this.#status.eta });
        break;
      case "progress":
        this.tell("processing", progressLine(message), { progressData: message.bars });
        break;
      case "log":
        this.#log(message);
        break;
      case "process_completed":
        this.#completed(message);
        return true;
      case "unexpected_error":
        throw lost(message);
    }
    return false;
  }

  #accepted(eventId: string | null): void {
    this.#status = { ...this.#status, eventId };
    this.#outbox.push({ type: "accepted", eventId });
  }

  /** The run was lost, and with it all that it gave. */
  #startAgain(): void {
    this.#raw = null;
    this.#values = [];
    this.#status = { ...this.#status, ...initialStatus(), attempt: this.#status.attempt + 1 };
    this.#accepted(null);
    this.tell("starting", "Starting again, as the connection was lost");
  }

  #rendered({ rendered }: WireOutput): void {
    if (rendered !== undefined) this.#target.rendered?.(rendered);
  }

  #queued({ rank, queueSize, eta }: Message<"estimation">): void {
    const { stage } = this.#status;
    // An estimation that was overtaken by the start of its own job would send the job back into the queue.
    if (stage === "processing" || stage === "generating") return;
    const known = {
      rank: rank ?? this.#status.rank,
      queueSize: queueSize ?? this.#status.queueSize,
      eta: milliseconds(eta) ?? this.#status.eta,
    };
    this.tell("queued", queueLine(known), known);
  }

  #log(message: Message<"log">): void {
    const level = levels.find((known) => known === message.level) ?? "info";
    const { endpoint, fnIndex, eventId } = this.#status;
    const { log, title, visible } = message;
    const duration = untilClosed(message.duration);
    const time = this.#now();
    this.#outbox.push({ type: "log", endpoint, fnIndex, eventId, time, level, log, title, duration, visible });
  }

  #generating(message: Message<"process_generating">): void {
    const { output } = message;
    const { data, averageDuration } = output;
    if (data === null) throw new ProtocolError("The app sent an output without data.");
    this.#checkShape(output);
    // The first output of a job is whole, and so is every one on a wire without diffs.
    this.#grown = false;
    const changed = message.diffs && this.#raw !== null ? this.#edit(this.#raw, data) : null;
    if (changed === null) this.#raw = data;
    this.#rendered(output);
    const outputs = this.#present(this.#raw!);
    const timeLimit = milliseconds(message.timeLimit);
    // That there is another output is told by the output itself.
    if (this.#status.stage !== "generating" || this.#status.timeLimit !== timeLimit)
      this.tell("generating", "Generating", {
        timeLimit,
        averageDuration: milliseconds(averageDuration) ?? this.#status.averageDuration,
      });
    if (this.#grown) this.#outbox.push(grown);
    this.#hand(outputs, false, changed);
  }

  #completed(message: Message<"process_completed">): void {
    const { output, failure } = message;
    if (failure) throw appError(failure);
    this.#checkShape(output);
    if (output.data === null) throw new CancelledError("The app cancelled the call.");
    this.#rendered(output);
    const outputs = this.#present(output.data);
    this.#status = {
      ...this.#status,
      usedCache: message.usedCache,
      cacheDuration: message.usedCache === null ? null : milliseconds(message.cacheDuration),
      averageDuration:
        milliseconds(message.averageDuration) ?? milliseconds(output.averageDuration) ?? this.#status.averageDuration,
    };
    // After intermediate outputs the completion repeats the last one: that is a matter of position, not of value.
    if (this.#raw === null) this.#hand(outputs, true, null);
    this.#outbox.push({ type: "result", data: this.#data() });
  }

  /** An output has one value for each output component, states included; after a cancel it has none at all. */
  #checkShape({ data, broken }: WireOutput): void {
    const { outputs } = this.#target;
    if (broken) throw new ProtocolError("The app sent an output that is none.");
    if (data !== null && data.length !== outputs)
      throw new ProtocolError(`The app sent ${data.length} values for ${outputs} outputs.`);
  }

  /** Brings the last outputs up to date; says what changed in the visible ones. */
  #edit(raw: readonly unknown[], diffs: readonly unknown[]): Change[] {
    const { visible, present } = this.#target;
    let changed = none;
    const edited = diffs.slice();
    for (let position = 0; position < diffs.length; position++) {
      // An output that appears in mid-job, after a hot reload, starts from nothing.
      const { value, paths, grown: goesOn } = applyEdits(position < raw.length ? raw[position] : null, diffs[position]);
      edited[position] = value;
      const output = visible.indexOf(position);
      if (output < 0 || paths.length === 0) continue;
      this.#grown = goesOn && visible.length === 1 && !present;
      const here = this.#changes(output, paths);
      changed = changed === none ? here : changed.concat(here);
    }
    this.#raw = edited;
    return changed;
  }

  /** Events are remembered: where the whole value is another one, as with text, one list does for all of them. */
  #changes(output: number, paths: readonly Path[]): Change[] {
    const [path] = paths;
    if (paths.length === 1 && path!.length === 0) return (this.#wholes[output] ??= [{ output, path: path! }]);
    return paths.map((one) => ({ output, path: one }));
  }

  /** Makes of the wire's outputs what the caller gets. */
  #present(raw: unknown[]): unknown[] {
    const { visible, present } = this.#target;
    const whole = !present && visible.length === raw.length;
    const outputs = whole ? raw : this.#visible(raw);
    const before = this.#values;
    this.#values = outputs;
    for (const output of outputs) {
      // An object may be a component update.
      if (typeof output !== "object" || !isUpdate(output)) continue;
      this.#values = outputs.map((one, index) => valueOf(one, before[index]));
      break;
    }
    return outputs;
  }

  #visible(raw: readonly unknown[]): unknown[] {
    const { visible, present } = this.#target;
    return visible.map((position, output) => {
      const value = position < raw.length ? raw[position] : null;
      return present ? present(value, output) : value;
    });
  }

  #hand(outputs: unknown[], final: boolean, changed: Change[] | null): void {
    const { endpoint, fnIndex, eventId } = this.#status;
    const time = this.#now();
    const data = this.#data();
    this.#outbox.push({ type: "data", endpoint, fnIndex, eventId, time, data, outputs, final, changed });
  }

  /** What comes within one millisecond has one time. */
  #now(): Date {
    const now = Date.now();
    return this.#time.getTime() === now ? this.#time : (this.#time = new Date(now));
  }

  /** The bare value of one output, an array of several, `null` of none. */
  #data(): unknown {
    if (this.#values.length === 0) return null;
    return this.#values.length === 1 ? this.#values[0] : this.#values;
  }
}

const none: Change[] = [];
const grown: CallEvent = { type: "grown" };

function isUpdate(output: unknown): output is Record<string, unknown> {
  return isFields(output) && output["__type__"] === "update";
}

/** What counts of an output as the app sent it: of a component update the value, and where it has none the one before. */
function valueOf(output: unknown, before: unknown): unknown {
  if (!isUpdate(output)) return output;
  return "value" in output ? output["value"] : (before ?? null);
}

function appError(failure: WireFailure): GradioError {
  const quota = quotaError(failure);
  if (quota) return quota;
  const { error, title, duration, visible } = failure;
  const message =
    error ?? "The app raised an error and hides its text. (The app's owner can launch it with show_error=True.)";
  return new AppError(message, { title, duration: untilClosed(duration), visible });
}

function lost({ message, sessionNotFound }: Message<"unexpected_error">): SessionLostError | ConnectionError {
  const said = message.slice(0, 200);
  if (sessionNotFound)
    return new SessionLostError(
      `The app no longer knows this session (${said}). It restarted, or dropped it; call again.`,
    );
  return new ConnectionError(`The app ended the call: ${said}`, { accepted: true });
}
