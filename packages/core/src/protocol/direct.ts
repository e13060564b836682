import { Observable } from "rxjs";
import { AppError, type GradioError } from "../errors.ts";
import type { Refusal } from "../http/request.ts";
import { isFields } from "../fields.ts";
import { parseMessage } from "../wire/messages.ts";
import type { Carry } from "./carry.ts";
import type { ProtocolMessage } from "./protocol.ts";
import { callBody, refused, submissionHeaders } from "./join.ts";

/**
 * Calls a function outside the queue (PROTOCOL.md, 5.6): one request, whose answer is the output. Of a generator that is
 * the first one alone; there is no progress and no log, and a function that has begun runs to its end.
 */
export const direct: Carry = (call, { http, prefix, traits, sessionHash, alive }) =>
  new Observable<ProtocolMessage>((subscriber) => {
    const abort = new AbortController();
    let failure: unknown;
    const toError = (answer: Refusal): GradioError | undefined => {
      if (answer.status !== 500 || !isFields(answer.body) || !("error" in answer.body)) return refused(answer, call);
      failure = answer.body;
      return new AppError("The app's function failed.");
    };
    const tell = (output: unknown, success: boolean): void => {
      alive();
      subscriber.next({ kind: "accepted", eventId: null, chunks: null });
      subscriber.next(parseMessage({ msg: "process_completed", event_id: "", output, success }, traits));
      subscriber.complete();
    };
    const send = async (): Promise<unknown> => {
      const { body } = await http.send({
        path: `${prefix}run/predict`,
        json: callBody(call, sessionHash),
        headers: await submissionHeaders(call),
        callHeaders: call.headers,
        signal: abort.signal,
        timed: false,
        toError,
      });
      return body;
    };
    send().then(
      (body) => tell(body, true),
      (error: unknown) => (failure === undefined ? subscriber.error(error) : tell(failure, false)),
    );
    return () => abort.abort();
  });
