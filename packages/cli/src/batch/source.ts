import type { EndpointInfo } from "@gradio-rx/node";
import { stat } from "node:fs/promises";
import { withFiles } from "../data/files.ts";
import type { CommonOptions, Run } from "../run.ts";
import { InputFile } from "./input-file.ts";
import { type Format, formatOf, InputReader } from "./inputs.ts";

/** One input of a batch, and its index. */
interface Indexed {
  index: number;
  input: unknown;
}

/** Inputs of a batch without a store. */
export interface Source {
  /** All inputs; `undefined` where they are read from stdin as calls start. */
  file: InputFile | undefined;
  /** Number of inputs; `undefined` while stdin is read. */
  readonly total: number | undefined;
  /** Data of the calls. */
  data: (isDone: (index: number) => boolean) => AsyncIterable<object>;
  /** Takes the input of a call, by the index of the call. */
  take: (call: number) => Indexed;
}

/** Inputs that are read when their endpoint is known. */
export interface OpenSource {
  /** @throws UsageError with the first line of a file that cannot be read. */
  read: (endpoint: EndpointInfo | undefined) => Promise<Source>;
  close: () => Promise<void>;
}

/**
 * Opens the inputs of a batch. Those of stdin are read as calls start, unless an output has to be compared with them first.
 *
 * @throws UsageError for a file that cannot be read.
 */
export async function openSource(
  run: Run<CommonOptions & { output?: string; format?: Format }>,
  path: string,
): Promise<OpenSource> {
  const { io, options, signal } = run;
  if (path === "-" && !(await hasContent(options.output))) {
    const reader = (endpoint: EndpointInfo | undefined) => new InputReader(formatOf(path, options), endpoint);
    const read: OpenSource["read"] = async (endpoint) => new Calls(undefined, reader(endpoint).read(io.stdin));
    return { read, close: async () => undefined };
  }
  const file = await InputFile.open(run, path, options);
  return {
    async read(endpoint) {
      for await (const _ of file.scan(endpoint, signal));
      return new Calls(file, file.inputs());
    },
    close: () => file.close(),
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
  readonly file: InputFile | undefined;
  total: number | undefined;
  readonly #given: AsyncIterable<{ data: object }>;
  readonly #open = new Map<number, Indexed>();

  constructor(file: InputFile | undefined, given: AsyncIterable<{ data: object }>) {
    this.file = file;
    this.total = file?.count;
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
