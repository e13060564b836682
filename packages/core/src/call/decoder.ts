import { Observable } from "rxjs";
import type { OutputMapper } from "../data/dialect.ts";
import { CancelledError, ProtocolError } from "../errors.ts";
import type { Change, LogEvent, Stage, StatusEvent, StatusUpdate } from "../events.ts";
import { applyEdits, type Edit } from "../wire/diff.ts";
import type { WireMessage } from "../wire/messages.ts";
import { appError, checkShape, lost } from "./app-errors.ts";
import type { CallEvent, CallMessage, OutputEdits } from "./messages.ts";
import { dataOf, noOutputs, type OutputValues, replaceOutputs, unchanged, withChanges } from "./outputs.ts";
import { initialStatus, milliseconds, progressLine, queueLine, untilClosed } from "./status.ts";

/** Facts of the called endpoint that the decoder needs. */
export interface DecoderTarget {
  /** Number of outputs of the function, states included. */
  outputs: number;
  /** Positions, among them, of the outputs that the caller sees: all but the states. */
  visible: readonly number[];
  /** Mappers from a value on the wire to the value for the caller, by visible output; `null` for values that stay as they are. */
  mappers: readonly (OutputMapper | null)[];
  /** Called with the components that the function rendered, before the output of the same message. */
  onRender: (config: unknown) => void;
  /** Returns the part of the app's text that an error may contain. */
  quote: (text: string) => string;
}

type Message<Kind extends WireMessage["kind"]> = Extract<WireMessage, { kind: Kind }>;

const levels: readonly LogEvent["level"][] = ["info", "warning", "success", "error"];

/**
 * Decodes the messages of a call into events. Completes after the `result` event, or after a `failure`: one that the app
 * reports, or an invalid message.
 *
 * A bridge: a message becomes up to three events, and diffs need the previous outputs.
 *
 * @param starting - status that the call starts with.
 */
export function decodeMessages(
  target: DecoderTarget,
  starting: StatusEvent,
): (messages$: Observable<CallMessage>) => Observable<CallEvent> {
  return (messages$) =>
    new Observable((subscriber) => {
      const decoder = new Decoder(target, starting, (event) => subscriber.next(event));
      const fail = (error: unknown): void => {
        subscriber.next({ type: "failure", error });
        subscriber.complete();
      };
      return messages$.subscribe({
        next: (message) => {
          try {
            if (decoder.push(message)) subscriber.complete();
          } catch (error) {
            fail(error);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => fail(new ProtocolError("The app ended the call without a result.")),
      });
    });
}

/** The last outputs and the last status of one call. Depends on nothing but its messages and the clock. */
class Decoder {
  readonly #target: DecoderTarget;
  readonly #emit: (event: CallEvent) => void;
  /** The status that was emitted last. */
  #status: StatusEvent;
  /** The outputs as the wire has them, states included; the next diff applies to them. `null` before the first output. */
  #raw: readonly unknown[] | null = null;
  /** The visible outputs as they were emitted last. */
  #shown: OutputValues = noOutputs;
  /** Time of the last event. */
  #time = new Date(0);

  constructor(target: DecoderTarget, starting: StatusEvent, emit: (event: CallEvent) => void) {
    this.#target = target;
    this.#emit = emit;
    this.#status = starting;
  }

  /**
   * Emits the events of a message.
   *
   * @returns whether the message was the last one of the call.
   * @throws the error that ends the call; ProtocolError for an output that does not fit.
   */
  push(message: CallMessage): boolean {
    switch (message.kind) {
      case "process_generating":
        this.#generating(message);
        break;
      case "uploading":
        this.#uploading(message);
        break;
      case "accepted":
        this.#status = { ...this.#status, eventId: message.eventId, upload: null };
        this.#emit({ type: "accepted", eventId: message.eventId, chunks: message.chunks });
        break;
      case "resubmitted":
        this.#startAgain();
        break;
      case "queue_full":
        this.#report("starting", "The app's queue is full; waiting for room");
        break;
      case "estimation":
        this.#queued(message);
        break;
      case "process_starts":
        this.#report("processing", "Processing", { eta: milliseconds(message.eta) ?? this.#status.eta });
        break;
      case "progress":
        this.#report("processing", progressLine(message), { progressData: message.bars });
        break;
      case "log":
        this.#log(message);
        break;
      case "process_completed":
        this.#completed(message);
        return true;
      case "unexpected_error":
        throw lost(message, this.#target.quote(message.message));
    }
    return false;
  }

  /** Emits a status. Fields that `patch` leaves out stay as they were. */
  #report(stage: Stage, msg: string, patch: Partial<StatusUpdate> = {}): void {
    this.#status = { ...this.#status, upload: null, ...patch, stage, msg, time: this.#now() };
    this.#emit(this.#status);
  }

  #uploading({ files, sent, total }: Extract<CallMessage, { kind: "uploading" }>): void {
    this.#report("uploading", files === 1 ? "Uploading a file" : `Uploading ${files} files`, {
      upload: { sent, total },
    });
  }

  /** Forgets the run that was lost, with all its outputs. */
  #startAgain(): void {
    this.#raw = null;
    this.#shown = noOutputs;
    const attempt = this.#status.attempt + 1;
    this.#status = { ...this.#status, eventId: null };
    this.#report("starting", "Starting again, as the connection was lost", { ...initialStatus(), attempt });
  }

  #queued({ rank, queueSize, eta }: Message<"estimation">): void {
    const { stage } = this.#status;
    // An estimation may arrive after the start of its call. The call must not return to the queue.
    if (stage === "processing" || stage === "generating") return;
    const known = {
      rank: rank ?? this.#status.rank,
      queueSize: queueSize ?? this.#status.queueSize,
      eta: milliseconds(eta) ?? this.#status.eta,
    };
    this.#report("queued", queueLine(known), known);
  }

  #log(message: Message<"log">): void {
    const level = levels.find((known) => known === message.level) ?? "info";
    const { endpoint, fnIndex, eventId } = this.#status;
    const { log, title, visible } = message;
    const duration = untilClosed(message.duration);
    this.#emit({ type: "log", endpoint, fnIndex, eventId, time: this.#now(), level, log, title, duration, visible });
  }

  #generating(message: Message<"process_generating">): void {
    const { output } = message;
    const { data, averageDuration } = output;
    if (data === null) throw new ProtocolError("The app sent an output without data.");
    checkShape(output, this.#target.outputs);
    // The first output of a job is whole, and so is each one on a wire without diffs.
    const edited = message.diffs && this.#raw !== null ? this.#edit(this.#raw, data) : null;
    if (!edited) this.#replace(data);
    if (output.rendered !== undefined) this.#target.onRender(output.rendered);
    const timeLimit = milliseconds(message.timeLimit);
    // Another output in the same stage emits no status.
    if (this.#status.stage !== "generating" || this.#status.timeLimit !== timeLimit)
      this.#report("generating", "Generating", {
        timeLimit,
        averageDuration: milliseconds(averageDuration) ?? this.#status.averageDuration,
      });
    this.#emitOutput(false, edited?.changed ?? null, edited?.edits ?? null);
  }

  #completed(message: Message<"process_completed">): void {
    const { output, failure } = message;
    if (failure) throw appError(failure);
    checkShape(output, this.#target.outputs);
    if (output.data === null) throw new CancelledError("The app cancelled the call.");
    if (output.rendered !== undefined) this.#target.onRender(output.rendered);
    // After intermediate outputs, the completion repeats the last one. The position decides this, not a comparison.
    const isFirst = this.#raw === null;
    this.#replace(output.data);
    if (isFirst) this.#emitOutput(true, null, null);
    const { usedCache, averageDuration } = message;
    const figures = {
      usedCache,
      cacheDuration: usedCache === null ? null : milliseconds(message.cacheDuration),
      averageDuration:
        milliseconds(averageDuration) ?? milliseconds(output.averageDuration) ?? this.#status.averageDuration,
    };
    this.#emit({ type: "result", data: dataOf(this.#shown), figures });
  }

  #replace(raw: readonly unknown[]): void {
    const { visible, mappers } = this.#target;
    this.#raw = raw;
    const outputs = visible.map((position, output) => {
      const value = position < raw.length ? raw[position] : null;
      return mappers[output]?.map(value) ?? value;
    });
    this.#shown = replaceOutputs(this.#shown, outputs);
  }

  /** Applies diffs, one list of edits for each output of the function. */
  #edit(raw: readonly unknown[], diffs: readonly unknown[]): { changed: Change[]; edits: OutputEdits | null } {
    const { visible, mappers } = this.#target;
    const edited = diffs.slice();
    const outputs = this.#shown.outputs.slice();
    const edits = visible.map((): readonly Edit[] | null => null);
    let changed = unchanged;
    let isWhole = false;
    for (let position = 0; position < diffs.length; position++) {
      // After a hot reload of the app, an output may appear in the middle of a job.
      const before = position < raw.length ? raw[position] : null;
      const { value, paths, edits: list } = applyEdits(before, diffs[position]);
      edited[position] = value;
      const output = visible.indexOf(position);
      if (output < 0 || paths.length === 0) continue;
      changed = withChanges(changed, output, paths);
      const mapper = mappers[output];
      const mapped = mapper ? mapper.mapEdits(list, before, value) : list;
      // An edit inside a file changes the file, so the file is mapped as a whole.
      isWhole ||= mapped === null;
      edits[output] = mapped;
      // Without files, the value for the caller is that of the wire: the edits are applied once.
      if (mapped === list && outputs[output] === before) outputs[output] = value;
      else outputs[output] = mapped ? applyEdits(outputs[output], mapped).value : mapper!.map(value);
    }
    this.#raw = edited;
    this.#shown = replaceOutputs(this.#shown, outputs);
    return { changed, edits: isWhole ? null : edits };
  }

  #emitOutput(final: boolean, changed: Change[] | null, edits: OutputEdits | null): void {
    const { endpoint, fnIndex, eventId } = this.#status;
    const { outputs } = this.#shown;
    const data = dataOf(this.#shown);
    const time = this.#now();
    const event = { type: "data" as const, endpoint, fnIndex, eventId, time, data, outputs, final, changed };
    this.#emit({ type: "output", event, edits });
  }

  /** Events of one millisecond share one Date. */
  #now(): Date {
    const now = Date.now();
    return this.#time.getTime() === now ? this.#time : (this.#time = new Date(now));
  }
}
