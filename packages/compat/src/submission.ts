import type { FileData as CoreFile } from "@gradio-rx/client";
import { listed, type RawApp, type RawEndpoint, type RawMessage, type RawRun } from "@gradio-rx/core/raw";
import { arrange } from "./arguments.ts";
import { EventQueue } from "./event-queue.ts";
import { callError, failedStatus, fieldsOf, isCancelled, statusOf } from "./status.ts";
import { bucketOf, isRecorded, Recorder } from "./recorder.ts";
import type { Config, EventType, GradioEvent, RenderMessage, Status, StatusMessage, SubmitIterable } from "./types.ts";

/** A call as `Client.submit` receives it. */
export interface Submission {
  endpoint: string | number;
  data: unknown;
  eventData: unknown;
  triggerId: number | null | undefined;
  headers: Record<string, string> | undefined;
  /** Events that the reader receives. */
  events: readonly EventType[];
  withStates: boolean;
  /** Configuration of the app, for the run history; `null` where runs are not recorded. */
  recorded: Config | null;
  /** Called when a function has rendered components, before the event. */
  onRender: () => void;
  /** Whether the client was closed. */
  isClosed: () => boolean;
}

/** Message for a call that runs when its client is closed. */
export const CLOSED = "The client was closed before the call was done.";

type Sent = Exclude<RawMessage, { kind: "accepted" }>;

/**
 * Submits a call and returns its events.
 *
 * @throws Error at once for an unknown endpoint, an unknown parameter and a missing one.
 */
export function submitTo(app: RawApp, submission: Submission): SubmitIterable<GradioEvent> {
  const endpoint = app.find(submission.endpoint);
  if (!endpoint) throw new Error(unknownEndpoint(app, submission.endpoint));
  // Reports invalid data at once.
  const inputs = arrange(endpoint, submission.data);
  const { recorded: config, endpoint: named, triggerId, headers } = submission;
  if (config === null) return new Call(app, endpoint, submission, null).iterator();
  const bucket = bucketOf(config);
  const call = { config, endpoint, named, triggerId, inputs };
  if (bucket === null)
    return new Call(app, endpoint, submission, isRecorded(call) ? new Recorder(call) : null).iterator();
  const withBucket = { ...submission, headers: { ...headers, "x-gradio-history-bucket": bucket } };
  return new Call(app, endpoint, withBucket, null).iterator();
}

function unknownEndpoint(app: RawApp, named: string | number): string {
  const names = app.endpoints.filter(({ visibility }) => visibility === "public").map(({ name }) => name);
  return `There is no endpoint matching ${JSON.stringify(named)}. The endpoints: ${listed(names)}.`;
}

/** Replaces a file of the wire in an output. */
export function presentFile({ path, url, origName, size, mimeType, isStream }: CoreFile, source: unknown): object {
  const own = { path, url, orig_name: origName, size, mime_type: mimeType, is_stream: isStream };
  return { ...fieldsOf(source), ...own, meta: { _type: "gradio.FileData" } };
}

/** One call, and its reader. */
class Call {
  readonly #app: RawApp;
  readonly #endpoint: RawEndpoint;
  readonly #submission: Submission;
  readonly #recorder: Recorder | null;
  readonly #run: RawRun;
  readonly #queue = new EventQueue<GradioEvent>();
  readonly #id: Promise<string | null>;
  #resolveId: (id: string | null) => void = () => undefined;
  #eventId = "";
  #hasOutput = false;
  #failed: Sent["source"] | null = null;
  #isCancelled = false;

  constructor(app: RawApp, endpoint: RawEndpoint, submission: Submission, recorder: Recorder | null) {
    this.#app = app;
    this.#recorder = recorder;
    this.#endpoint = endpoint;
    this.#submission = submission;
    this.#id = new Promise((resolve) => (this.#resolveId = resolve));
    const { data, eventData, triggerId, headers } = submission;
    this.#run = app.call({
      endpoint: submission.endpoint,
      data,
      arrange,
      ...(eventData === undefined ? {} : { eventData }),
      ...(typeof triggerId === "number" ? { triggerId } : {}),
      ...(headers ? { headers } : {}),
    });
    this.#status({ stage: "pending" });
    this.#run.messages$.subscribe({
      next: (message) => this.#take(message),
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#end(),
    });
  }

  iterator(): SubmitIterable<GradioEvent> {
    const queue = this.#queue;
    const iterator: SubmitIterable<GradioEvent> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => queue.next(),
      throw: async (reason) => {
        queue.drop();
        throw reason;
      },
      return: async () => {
        queue.drop();
        return { value: undefined, done: true };
      },
      cancel: async () => {
        this.#isCancelled = true;
        await this.#run.cancel();
      },
      event_id: () => this.#eventId,
      wait_for_id: () => this.#id,
      send_chunk: ({ data }) => this.#input(this.#run.send(data)),
      close_stream: () => this.#input(this.#run.end()),
    };
    return iterator;
  }

  /** Reports a chunk that was not sent as a status. */
  #input(sent: Promise<void>): void {
    sent.catch((error: unknown) => this.#status({ stage: "error", message: String(error) }));
  }

  get #source(): { endpoint: string; fn_index: number } {
    const { endpoint } = this.#submission;
    return { endpoint: typeof endpoint === "number" ? "/predict" : endpoint, fn_index: this.#endpoint.index };
  }

  #emit(event: GradioEvent): void {
    this.#recorder?.take(event);
    if (this.#submission.events.includes(event.type)) this.#queue.push(event);
  }

  #status(status: Partial<Status> & Pick<Status, "stage">, original?: string): StatusMessage {
    const named = original === undefined ? {} : { original_msg: original };
    const { queued: queue } = this.#endpoint;
    const event = { type: "status", ...this.#source, time: new Date(), queue, ...named, ...status } as const;
    this.#emit(event);
    return event;
  }

  #take(message: RawMessage): void {
    if (message.kind === "accepted") {
      this.#eventId = message.eventId ?? "";
      this.#resolveId(message.eventId);
      return;
    }
    const { kind, source, outputs } = message;
    if (kind === "log") return this.#log(source);
    const isOver = kind === "process_completed";
    if (isOver && !outputs) {
      this.#failed = source;
      return;
    }
    const status = statusOf(kind, source);
    if (!isOver && status) this.#status(status, kind === "process_starts" ? kind : undefined);
    // After intermediate outputs, the completion repeats the last one.
    if (outputs && !(isOver && this.#hasOutput)) this.#data(outputs);
    if (message.rendered !== undefined) this.#render(message.rendered);
    if (isOver && status) this.#status(status);
  }

  #log(source: Sent["source"]): void {
    const { log, level, title, duration, visible } = source;
    const shown = {
      log: typeof log === "string" ? log : "",
      level: level as "info",
      title: typeof title === "string" ? title : "",
      visible: visible !== false,
    };
    this.#emit({ type: "log", ...this.#source, ...shown, duration: typeof duration === "number" ? duration : null });
  }

  #data(outputs: readonly unknown[]): void {
    this.#hasOutput = true;
    this.#recorder?.output(outputs);
    const { visible, returns } = this.#endpoint;
    const shown = outputs.map((value, at) => {
      const component = returns[visible.indexOf(at)]?.component ?? "";
      // The next outputs may be differences to these, which the caller can change.
      return this.#app.replaceFiles(structuredClone(value), component, presentFile);
    });
    const data = this.#submission.withStates ? shown : visible.map((at) => shown[at] ?? null);
    this.#emit({ type: "data", ...this.#source, time: new Date(), data });
  }

  #render(rendered: unknown): void {
    this.#submission.onRender();
    const data = this.#app.replaceFiles(structuredClone(rendered), "", presentFile) as RenderMessage["data"];
    this.#emit({ type: "render", ...this.#source, data });
  }

  #fail(error: unknown): void {
    if (this.#isCancelled) return this.#end();
    if (isCancelled(error) && this.#eventId !== "") {
      // Either the caller closed the client, or the app cancelled the call, as an event of its page does.
      const isClosed = this.#submission.isClosed();
      this.#status(isClosed ? { stage: "error", broken: true, message: CLOSED } : { stage: "complete" });
      return this.#end();
    }
    const status = this.#status(failedStatus(error, this.#failed, this.#endpoint));
    const isHeard = this.#submission.events.includes("status");
    this.#end(isHeard ? undefined : { reason: callError(status, error) });
  }

  #end(error?: { reason: unknown }): void {
    this.#recorder?.fail("The call was cancelled.");
    this.#resolveId(this.#eventId === "" ? null : this.#eventId);
    this.#queue.end(error);
  }
}
