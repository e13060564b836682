import { concatMap, defer, finalize, from, tap } from "rxjs";
import { AppError, type GradioError } from "../../errors.ts";
import type { Refusal } from "../../http/request.ts";
import { isFields } from "../../fields.ts";
import { parseMessage } from "../../wire/messages.ts";
import { callBody, refusalOf, submissionHeaders, submissionPath } from "../../protocol/join.ts";
import type { ProtocolMessage } from "../../protocol/protocol.ts";
import type { Connect } from "./call-connection.ts";

/**
 * Calls a function outside the queue (PROTOCOL.md, 5.6): one request, whose response is the output. A generator's response is its first
 * output. There is no progress and no log, and a function that has begun runs to its end.
 */
export const direct: Connect = (call, { http, prefix, traits, sessionHash, onActivity }) =>
  defer(() => {
    const abort = new AbortController();
    let failure: unknown;
    const toError = (answer: Refusal): GradioError | undefined => {
      if (answer.status !== 500 || !isFields(answer.body) || !("error" in answer.body)) return refusalOf(answer, call);
      failure = answer.body;
      return new AppError("The app's function failed.");
    };
    const completed = (output: unknown, success: boolean): ProtocolMessage[] => [
      { kind: "accepted", eventId: null, chunks: null },
      parseMessage({ msg: "process_completed", event_id: "", output, success }, traits),
    ];
    const send = async (): Promise<ProtocolMessage[]> => {
      const request = {
        path: submissionPath(`${prefix}run/predict`, call),
        json: callBody(call, sessionHash),
        headers: await submissionHeaders(call),
        callHeaders: call.headers,
        signal: abort.signal,
        timed: false,
        isOutput: true,
        toError,
      };
      try {
        return completed((await http.send(request)).body, true);
      } catch (error) {
        if (failure === undefined) throw error;
        return completed(failure, false);
      }
    };
    return from(send()).pipe(
      tap(onActivity),
      concatMap((messages) => messages),
      finalize(() => abort.abort()),
    );
  });
