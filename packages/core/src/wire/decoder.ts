import { Observable } from "rxjs";
import { AppError, CancelledError, ConnectionError, GradioError, ProtocolError, SessionLostError } from "../errors.ts";
import type { CallEvent, Change, DataEvent, LogEvent, Stage, StatusEvent, StatusUpdate } from "../events.ts";
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

/** How a call ended. */
export type Ending = { result: unknown } | { error: unknown };

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
      const decoder = new Decoder(target, target.outbox ? (event) => outbox.push(event) : tell);
      let ended = false;
      let ending = false;
      const finish = (how: Ending): void => {
        // Whoever is told the terminal status may abort the call just then: it has ended all the same.
        if (ended) return;
        ended = true;
        if ("error" in how) {
          const { error } = how;
          if (error instanceof GradioError) {
            error.endpoint ??= target.endpoint;
            error.eventId ??= decoder.eventId;
          }
          const msg = error instanceof Error ? error.message : String(error);
          tell(decoder.status(isCancel(error) ? "cancelled" : "error", msg, { success: false }));
          subscriber.error(error);
        } else {
          tell(decoder.status("complete", "Complete", { success: true }));
          subscriber.complete();
        }
      };
      /** An error on the way does not wait for what the outputs so far still need. */
      const fail = (error: unknown): void => {
        if (ended) return;
        outbox.drop();
        finish({ error });
      };
      decoder.tell("starting", "Starting");
      subscriber.add(() => outbox.drop());
      subscriber.add(
        messages$.subscribe({
          next: (message) => {
            if (ending) return;
            let how: Ending | undefined;
            try {
              how = decoder.push(message);
            } catch (error) {
              // It does not fit.
              how = { error };
            }
            if (!how || subscriber.closed) return;
            ending = true;
            if ("result" in how) outbox.push({ type: "result", data: how.result });
            outbox.whenTold(() => finish(how));
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
  readonly #emit: (event: CallEvent) => void;
  /** The last one told, or as good as told. */
  #status: StatusEvent;
  #eventId: string | null = null;
  /** The outputs as the wire has them, states included, that the next diff starts from. */
  #raw: unknown[] | null = null;
  /** The visible outputs as they were handed out last: whole, and by their values. */
  #outputs: unknown[] | null = null;
  #values: readonly unknown[] = [];
  /** Whether the one output is a text that goes on from the one before. */
  #grown = false;
  /** What changed where the whole of an output did, by output. */
  readonly #wholes: Change[][] = [];
  /** When the last event was told. */
  #time = new Date(0);

  constructor(target: DecoderTarget, emit: (event: CallEvent) => void) {
    this.#target = target;
    this.#emit = emit;
    const { endpoint, fnIndex } = target;
    this.#status = { type: "status", endpoint, fnIndex, eventId: null, ...initialStatus() };
  }

  /** The app's id of the call; `null` until it gave one. */
  get eventId(): string | null {
    return this.#eventId;
  }

  /** Tells where the call stands. What `patch` leaves out stays as it was. */
  tell(stage: Stage, msg: string, patch: Partial<StatusUpdate> = {}): undefined {
    this.#emit(this.status(stage, msg, patch));
  }

  /** The same, for somebody else to tell. */
  status(stage: Stage, msg: string, patch: Partial<StatusUpdate>): StatusEvent {
    return (this.#status = { ...this.#status, ...patch, eventId: this.#eventId, stage, msg, time: this.#now() });
  }

  /**
   * Emits what a message means.
   *
   * @returns how the call ended, when the message ends it.
   * @throws ProtocolError for an output that does not fit.
   */
  push(message: WireMessage): Ending | undefined {
    switch (message.kind) {
      case "process_generating":
        return this.#generating(message);
      case "uploading":
        return this.tell("uploading", message.files === 1 ? "Uploading a file" : `Uploading ${message.files} files`);
      case "accepted":
        return this.#accepted(message.eventId);
      case "resubmitted":
        return this.#startAgain();
      case "queue_full":
        return this.tell("starting", "The app's queue is full; waiting for room");
      case "estimation":
        return this.#queued(message);
      case "process_starts":
        return this.tell("processing", "Processing", { eta: milliseconds(message.eta) ?? this.#status.eta });
      case "progress":
        return this.tell("processing", progressLine(message), { progressData: message.bars });
      case "log":
        return this.#log(message);
      case "process_completed":
        return this.#completed(message);
      case "unexpected_error":
        return { error: lost(message) };
      default:
        return undefined;
    }
  }

  #accepted(eventId: string | null): undefined {
    this.#eventId = eventId;
    this.#emit({ type: "accepted", eventId });
  }

  /** The run was lost, and with it all that it gave. */
  #startAgain(): undefined {
    this.#raw = null;
    this.#outputs = null;
    this.#values = [];
    this.#status = { ...this.#status, ...initialStatus(), attempt: this.#status.attempt + 1 };
    this.#accepted(null);
    this.tell("starting", "Starting again, as the connection was lost");
  }

  #rendered({ rendered }: WireOutput): void {
    if (rendered !== undefined) this.#target.rendered?.(rendered);
  }

  #queued({ rank, queueSize, eta }: Message<"estimation">): undefined {
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

  #log(message: Message<"log">): undefined {
    const level = levels.find((known) => known === message.level) ?? "info";
    const { endpoint, fnIndex } = this.#target;
    const { log, title, visible } = message;
    const duration = untilClosed(message.duration);
    const at = { endpoint, fnIndex, eventId: this.#eventId, time: new Date() };
    this.#emit({ type: "log", ...at, level, log, title, duration, visible });
  }

  #generating(message: Message<"process_generating">): undefined {
    const { output } = message;
    const { data, averageDuration } = output;
    if (data === null) throw new ProtocolError("The app sent an output without data.");
    this.#checkShape(output);
    // The first output of a job is whole, and so is every one on a wire without diffs.
    this.#grown = false;
    const changed = message.diffs && this.#raw !== null ? this.#edit(this.#raw, data) : null;
    if (changed === null) this.#raw = data;
    this.#rendered(output);
    this.#present(this.#raw!);
    const timeLimit = milliseconds(message.timeLimit);
    // That there is another output is told by the output itself.
    if (this.#status.stage !== "generating" || this.#status.timeLimit !== timeLimit)
      this.tell("generating", "Generating", {
        timeLimit,
        averageDuration: milliseconds(averageDuration) ?? this.#status.averageDuration,
      });
    if (this.#grown) this.#emit(grown);
    this.#hand(false, changed);
  }

  #completed(message: Message<"process_completed">): Ending {
    const { output, failure } = message;
    if (failure) return { error: appError(failure) };
    this.#checkShape(output);
    if (output.data === null) return { error: new CancelledError("The app cancelled the call.") };
    this.#rendered(output);
    const first = this.#outputs === null;
    this.#present(output.data);
    this.#status = {
      ...this.#status,
      usedCache: message.usedCache,
      cacheDuration: message.usedCache === null ? null : milliseconds(message.cacheDuration),
      averageDuration:
        milliseconds(message.averageDuration) ?? milliseconds(output.averageDuration) ?? this.#status.averageDuration,
    };
    // After intermediate outputs the completion repeats the last one: that is a matter of position, not of value.
    if (first) this.#hand(true, null);
    return { result: this.#data() };
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
  #present(raw: unknown[]): void {
    const { visible, present } = this.#target;
    const whole = !present && visible.length === raw.length;
    const outputs = whole ? raw : this.#visible(raw);
    const before = this.#values;
    this.#outputs = outputs;
    this.#values = outputs;
    for (const output of outputs) {
      // An object may be a component update.
      if (typeof output !== "object" || !isUpdate(output)) continue;
      this.#values = outputs.map((one, index) => valueOf(one, before[index]));
      break;
    }
  }

  #visible(raw: readonly unknown[]): unknown[] {
    const { visible, present } = this.#target;
    return visible.map((position, output) => {
      const value = position < raw.length ? raw[position] : null;
      return present ? present(value, output) : value;
    });
  }

  #hand(final: boolean, changed: Change[] | null): void {
    const { endpoint, fnIndex } = this.#target;
    const event: DataEvent = {
      type: "data",
      endpoint,
      fnIndex,
      eventId: this.#eventId,
      time: this.#now(),
      data: this.#data(),
      outputs: this.#outputs ?? [],
      final,
      changed,
    };
    this.#emit(event);
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
