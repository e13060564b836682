import { CancelledError, ConnectionError, SessionLostError, ValidationError as InvalidInput } from "@gradio-rx/client";
import type { RawEndpoint } from "@gradio-rx/core/raw";
import type { Status, ValidationError } from "./types.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Returns an object with the given fields of a message, under their new names, as far as the message has them. */
function picked(source: Fields, names: Readonly<Record<string, string>>): Partial<Status> {
  const found = Object.entries(names).filter(([, from]) => source[from] !== undefined && source[from] !== null);
  return Object.fromEntries(found.map(([to, from]) => [to, source[from]]));
}

/** Returns the expected time of a message, in seconds; `null` where the app does not know it yet, as `@gradio/client` does. */
function expected(source: Fields, name: string): Partial<Status> {
  return source[name] === null ? ({ eta: null } as unknown as Partial<Status>) : picked(source, { eta: name });
}

const common = { code: "code", success: "success" };

/** Returns the fields of the object in a field. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** Returns the status for a message of a call; `null` for a message without one. */
export function statusOf(kind: string, source: Fields): (Partial<Status> & Pick<Status, "stage">) | null {
  const output = fieldsOf(source["output"]);
  const changed = picked(output, { changed_state_ids: "changed_state_ids", eta: "average_duration" });
  switch (kind) {
    case "estimation":
      return {
        stage: "pending",
        ...picked(source, { ...common, size: "queue_size", position: "rank" }),
        ...expected(source, "rank_eta"),
      };
    case "process_starts":
      return { stage: "pending", position: 0, ...picked(source, common), ...expected(source, "eta") };
    case "progress":
      return { stage: "pending", ...picked(source, { ...common, progress_data: "progress_data" }) };
    case "process_generating": {
      const stage = source["msg"] === "process_streaming" ? "streaming" : "generating";
      return {
        stage,
        ...changed,
        ...picked(source, { ...common, time_limit: "time_limit", progress_data: "progress_data" }),
      };
    }
    case "process_completed": {
      const names = { ...common, used_cache: "used_cache", cache_duration: "cache_duration", avg_time: "avg_time" };
      return { stage: "complete", ...changed, ...picked(source, { ...names, progress_data: "progress_data" }) };
    }
  }
  return null;
}

/** Returns the status for the error of a call. `failed` is the message of a function that failed, where there is one. */
export function failedStatus(
  error: unknown,
  failed: Fields | null,
  endpoint: RawEndpoint | undefined,
): Partial<Status> & Pick<Status, "stage"> {
  const message = error instanceof Error ? error.message : String(error);
  if (failed) {
    const output = fieldsOf(failed["output"]);
    const shown = picked(output, { title: "title", duration: "duration", visible: "visible" });
    return { stage: "error", title: "Error", message, success: false, ...shown, ...picked(failed, { code: "code" }) };
  }
  if (error instanceof InvalidInput)
    return { stage: "error", code: "validation_error", message: validations(error, endpoint), visible: true };
  const lost = error instanceof SessionLostError;
  const broken = lost || error instanceof ConnectionError;
  return {
    stage: "error",
    message,
    visible: true,
    ...(broken && { broken }),
    ...(lost && { session_not_found: true }),
  };
}

/** Whether an error means that the call was cancelled. */
export function isCancelled(error: unknown): boolean {
  return error instanceof CancelledError;
}

/** Returns one result for each input of the function. */
function validations({ fieldErrors }: InvalidInput, endpoint: RawEndpoint | undefined): ValidationError[] {
  return (endpoint?.slots ?? []).map((slot, at) => {
    const name = slot === null ? null : endpoint!.parameters[slot]!.name;
    const message = (name === null ? undefined : fieldErrors[name]) ?? fieldErrors[String(at)];
    return { is_valid: message === undefined, message: message ?? "" };
  });
}

/** Creates the error of a failed call: it has the fields of the status, and the typed error as its cause. */
export function callError({ message, ...status }: Partial<Status>, cause: unknown): Error {
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return Object.assign(new Error(text || "The call failed.", { cause }), status);
}
