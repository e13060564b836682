import { addition, edit, history, large, step, table } from "../values.ts";

/** Placeholder for the id of a job, of the same length. */
export const NO_ID: string = "0".repeat(32);

/** Parameters of the messages of one job. */
export interface Plan {
  endpoint: string;
  /** Number of outputs of a generator. */
  outputs: number;
  /** Number of messages in the chat history of `/chat`. */
  messages: number;
  /** Size of the results of `/large` and `/give`. */
  megabytes: number;
  /** URL of the server. */
  address: string;
}

/** Returns the messages of one job as JSON texts that contain {@link NO_ID}. `echo` returns its input. */
export function messages(plan: Plan, given: unknown = null): string[] {
  const begin = [
    { msg: "estimation", event_id: NO_ID, rank: 0, queue_size: 1, rank_eta: null },
    { msg: "process_starts", event_id: NO_ID, eta: null },
  ];
  return [...begin, ...outputs(plan, given)].map((message) => JSON.stringify(message));
}

function outputs({ endpoint, outputs: count, messages: size, megabytes, address }: Plan, given: unknown): object[] {
  const numbers = Array.from({ length: count }, (_, index) => index);
  switch (endpoint) {
    case "steps": {
      const later = numbers.slice(1).map((index) => generating([[["replace", [], step(index)]]]));
      return [generating([step(0)]), ...later, completed([step(count - 1)])];
    }
    case "grow": {
      const later = numbers.slice(1).map((index) => generating([[["append", [], addition(index)]]]));
      return [generating([addition(0)]), ...later, completed([numbers.map(addition).join("")])];
    }
    case "chat":
      return answer(numbers, size);
    case "table":
      return edits(numbers);
    case "large":
      return [completed([large(megabytes)])];
    case "give":
      return [completed([file(megabytes, address)])];
    default:
      return [completed([given])];
  }
}

/** An answer that grows inside of the last message of a chat history. */
function answer(numbers: readonly number[], size: number): object[] {
  const chat = history(size);
  const last = size - 1;
  const later = numbers.slice(1).map((index) => generating([[["append", [last, "content"], addition(index)]]]));
  chat[last]!.content = addition(0);
  const first = generating([structuredClone(chat)]);
  chat[last]!.content = numbers.map(addition).join("");
  return [first, ...later, completed([chat])];
}

function edits(numbers: readonly number[]): object[] {
  const last = table();
  const sent = numbers.map((index) => {
    const { group, row, score } = edit(index);
    last.groups[group]!.rows[row]!.score = score;
    return generating([[["replace", ["groups", group, "rows", row, "score"], score]]]);
  });
  return [generating([table()]), ...sent, completed([last])];
}

function file(megabytes: number, address: string): object {
  const path = "/bench/large.bin";
  const size = megabytes * 1_048_576;
  const url = `${address}/gradio_api/file=${path}`;
  return {
    path,
    url,
    size,
    orig_name: "large.bin",
    mime_type: null,
    is_stream: false,
    meta: { _type: "gradio.FileData" },
  };
}

function output(data: unknown[], generates: boolean): object {
  const duration = 0.000_412_345;
  const rest = { render_config: null, changed_state_ids: [], used_cache: null };
  return { data, is_generating: generates, duration, average_duration: duration, ...rest };
}

function generating(data: unknown[]): object {
  return { msg: "process_generating", event_id: NO_ID, output: output(data, true), success: true, time_limit: null };
}

function completed(data: unknown[]): object {
  const rest = { success: true, title: null, used_cache: null, cache_duration: 0.000_7, avg_time: 0.15 };
  return { msg: "process_completed", event_id: NO_ID, output: output(data, false), ...rest };
}
