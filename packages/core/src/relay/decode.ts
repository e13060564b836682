import {
  catchError,
  concatMap,
  concatWith,
  defer,
  EMPTY,
  type Observable,
  type OperatorFunction,
  takeWhile,
  throwError,
} from "rxjs";
import type { CallEvent, ResultEvent } from "../call/messages.ts";
import { dataOf, editOutputs, noOutputs, type OutputValues, replaceOutputs } from "../call/outputs.ts";
import {
  AuthenticationError,
  CancelledError,
  ConnectionError,
  FileTooLargeError,
  GradioError,
  ProtocolError,
  ValidationError,
} from "../errors.ts";
import type { Change, LogEvent, StatusEvent } from "../events.ts";
import { isFields } from "../fields.ts";
import { statusError, toGradioError } from "../http/errors.ts";
import { eventStream } from "../http/body.ts";
import { redactedUrl } from "../http/urls.ts";
import { placesOf, RELAY_VERSION, unpacker } from "./format.ts";

/** Maximum number of characters of one message of a relay. */
const LIMIT = 64 * 1_048_576;

/** URL in the errors of an answer whose URL is unknown. */
const RELAY_URL = new URL("http://relay/");

/** Maximum number of characters of an error response that are read. */
const REFUSAL = 100_000;

/**
 * Returns the events of a relayed call, from the answer that `eventStreamResponse` made, without its terminal status.
 * Unsubscribing cancels the answer, and with it the call.
 */
export function readRelay(response: Response | Promise<Response>): Observable<CallEvent> {
  return eventStream({
    limit: LIMIT,
    open: async (signal) => {
      const answer = await Promise.resolve(response).catch((error: unknown) => {
        throw toGradioError(error, RELAY_URL);
      });
      signal.throwIfAborted();
      await checkAnswer(answer);
      return { body: bodyUntil(signal, answer.body) as Response["body"] };
    },
  }).pipe(readMessages());
}

/** Returns the body of an answer. It is cancelled when the signal is aborted. */
function bodyUntil(signal: AbortSignal, body: Response["body"]): ReadableStream<Uint8Array> | null {
  if (!body) return null;
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel, { once: true });
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await reader.read().catch((error: unknown) => {
          throw cut(error);
        });
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

async function checkAnswer(answer: Response): Promise<void> {
  const type = answer.headers.get("content-type") ?? "";
  if (answer.ok && /^text\/event-stream\b/i.test(type)) return;
  const url = URL.canParse(answer.url) ? new URL(answer.url) : RELAY_URL;
  if (!answer.ok) throw refusal(answer, (await answer.text().catch(() => "")).slice(0, REFUSAL), url);
  await answer.body?.cancel().catch(() => undefined);
  throw new ProtocolError(`${redactedUrl(url)} is not a relay: its answer has the type ${JSON.stringify(type)}.`, {
    status: answer.status,
  });
}

function refusal(answer: Response, text: string, url: URL): GradioError {
  const { status } = answer;
  const error = statusError(answer, parsed(text), url);
  if (status === 413) return new FileTooLargeError(error.message, { status });
  if (status === 422) return new ValidationError(error.message, { status });
  return status === 407 ? new AuthenticationError(error.message, { status }) : error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function cut(cause?: unknown): ConnectionError {
  return new ConnectionError("The connection to the relay was lost before the call had ended.", {
    accepted: true,
    cause,
  });
}

function readMessages(): OperatorFunction<string, CallEvent> {
  return (texts$) =>
    defer(() => {
      const reader = new RelayReader();
      return texts$.pipe(
        concatMap((text) => reader.read(text)),
        catchError((error: unknown) => throwError(() => (error instanceof GradioError ? error : cut(error)))),
        takeWhile(({ type }) => type !== "result", true),
        concatWith(defer(() => (reader.hasResult ? EMPTY : throwError(() => cut())))),
      );
    });
}

/** Reads the messages of one relay. */
class RelayReader {
  readonly #unpack = unpacker();
  /** Whether the first message has arrived. */
  #isOpen = false;
  /** Name and index of the call. */
  #named = { endpoint: "", fnIndex: -1 };
  #values: OutputValues = noOutputs;
  /** The terminal status, once it has arrived. */
  #last: StatusEvent | null = null;
  #eventId: string | null = null;
  /** Whether the result has arrived. */
  hasResult = false;

  /** Returns the events of a message: one or none. Throws the error that ends the call. */
  read(text: string): CallEvent[] {
    const message = parsed(text);
    if (!isFields(message)) throw unreadable(text);
    if (!this.#isOpen) {
      const { type, version, endpoint, fnIndex } = message;
      if (type !== "relay" || version !== RELAY_VERSION || typeof endpoint !== "string" || typeof fnIndex !== "number")
        throw unreadable(text);
      this.#isOpen = true;
      this.#named = { endpoint, fnIndex };
      return [];
    }
    // An id is sent when it changes.
    const { eventId } = message;
    if (typeof eventId === "string" || eventId === null) this.#eventId = eventId;
    switch (message["type"]) {
      case "status":
        return this.#status(message);
      case "log":
        return [{ ...(message as unknown as LogEvent), ...this.#common(message) }];
      case "data":
        return [this.#output(message, text)];
      case "result":
        this.hasResult = true;
        return [{ type: "result", data: this.#unpack(message["data"]), figures: figuresOf(this.#last) }];
      case "error":
        throw this.#error(GradioError.fromJSON(message["error"]));
      default:
        throw unreadable(text);
    }
  }

  #common(message: Record<string, unknown>): { endpoint: string; fnIndex: number; eventId: string | null; time: Date } {
    return { ...this.#named, eventId: this.#eventId, time: timeOf(message) };
  }

  /** Returns the event of a status. A terminal status is not emitted: the job creates its own. */
  #status(message: Record<string, unknown>): CallEvent[] {
    const event = { ...(message as unknown as StatusEvent), ...this.#common(message) };
    if (event.success === null) return [event];
    this.#last = event;
    return [];
  }

  /** Returns the error of the call. A call that was cancelled on the server fails with `CancelledError`, for any reason of its signal. */
  #error(error: GradioError): GradioError {
    if (this.#last?.stage !== "cancelled" || error instanceof CancelledError) return error;
    return new CancelledError(error.message, { cause: error });
  }

  #output(message: Record<string, unknown>, text: string): CallEvent {
    const { edits, outputs, final } = message;
    let { changed = null } = message;
    if (Array.isArray(edits)) {
      this.#values = editOutputs(this.#values, edits);
      if (message["changed"] === undefined) changed = placesOf(edits);
    } else if (Array.isArray(outputs)) this.#values = replaceOutputs(this.#values, outputs);
    else throw unreadable(text);
    const unpacked = this.#values.outputs.map(this.#unpack);
    const isPlain = unpacked.every((output, index) => output === this.#values.outputs[index]);
    const values = isPlain ? this.#values : replaceOutputs(this.#values, unpacked);
    return {
      type: "output",
      edits: isPlain && Array.isArray(edits) ? edits : null,
      event: {
        type: "data",
        ...this.#common(message),
        data: dataOf(values),
        outputs: values.outputs,
        final: final === true,
        changed: Array.isArray(changed) ? (changed as Change[]) : null,
      },
    };
  }
}

/** Returns the figures of the app's completion from the terminal status. */
function figuresOf(status: StatusEvent | null): ResultEvent["figures"] {
  const { usedCache = null, cacheDuration = null, averageDuration = null } = status ?? {};
  return { usedCache, cacheDuration, averageDuration };
}

function timeOf({ time }: Record<string, unknown>): Date {
  return new Date(typeof time === "number" ? time : Date.now());
}

function unreadable(text: string): ProtocolError {
  return new ProtocolError(`The answer contains a message that is not one of a relay: ${text.slice(0, 100)}`);
}
