import type { EndpointInfo } from "@gradio-rx/node";
import { stat } from "node:fs/promises";
import { withFiles } from "../data/files.ts";
import type { CommonOptions, Run } from "../run.ts";
import { formatOf, readInput } from "./file.ts";
import { type Format, parseInputs, streamInputs } from "./inputs.ts";

/** One input of a batch, and its index. */
interface Indexed {
  index: number;
  input: unknown;
}

/** Inputs of a batch without a store. */
export interface Source {
  /** All inputs; `undefined` where they are read from stdin as calls start. */
  inputs: readonly unknown[] | undefined;
  /** Number of inputs; `undefined` while stdin is read. */
  readonly total: number | undefined;
  /** Data of the calls. */
  data: (isDone: (index: number) => boolean) => Iterable<object> | AsyncIterable<object>;
  /** Takes the input of a call, by the index of the call. */
  take: (call: number) => Indexed;
}

/** Reads the inputs of a batch when its endpoint is known. */
export type OpenSource = (endpoint: EndpointInfo | undefined) => Source;

/**
 * Opens the inputs of a batch. Those of stdin are read as calls start, unless an output has to be compared with them first.
 *
 * @throws UsageError for a file that cannot be read.
 */
export async function openSource(
  run: Run<CommonOptions & { output?: string; format?: Format }>,
  file: string,
): Promise<OpenSource> {
  const format = formatOf(file, run.options);
  if (file === "-" && !(await hasContent(run.options.output)))
    return (endpoint) => new Calls(undefined, streamInputs(run.io.stdin, format, endpoint));
  const text = await readInput(run, file);
  return (endpoint) => {
    const inputs = [...parseInputs(text, format, endpoint)];
    return new Calls(
      inputs.map(({ data }) => data),
      inputs,
    );
  };
}

async function hasContent(path: string | undefined): Promise<boolean> {
  if (path === undefined) return false;
  // A file that cannot be looked at is reported when it is opened.
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return size > 0;
}

/** Inputs of the calls, each kept until its call has ended. */
class Calls implements Source {
  readonly inputs: readonly unknown[] | undefined;
  total: number | undefined;
  readonly #given: Iterable<{ data: object }> | AsyncIterable<{ data: object }>;
  readonly #open = new Map<number, Indexed>();

  constructor(inputs: Source["inputs"], given: Iterable<{ data: object }> | AsyncIterable<{ data: object }>) {
    this.inputs = inputs;
    this.total = inputs?.length;
    this.#given = given;
  }

  async *data(isDone: (index: number) => boolean): AsyncGenerator<object, void> {
    let [index, call] = [-1, 0];
    for await (const { data } of this.#given) {
      index++;
      if (isDone(index)) continue;
      this.#open.set(call++, { index, input: data });
      yield withFiles(data) as object;
    }
    this.total = index + 1;
  }

  take(call: number): Indexed {
    const taken = this.#open.get(call)!;
    this.#open.delete(call);
    return taken;
  }
}
