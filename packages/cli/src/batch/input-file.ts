import type { EndpointInfo } from "@gradio-rx/node";
import { UsageError } from "../exit.ts";
import type { Run } from "../run.ts";
import { type BatchInput, type Format, formatOf, InputReader } from "./inputs.ts";
import { TextFile } from "./text-file.ts";

/** The inputs of a batch in a file. Only their offsets are in memory: each input is read when it is needed. */
export class InputFile {
  readonly #file: TextFile;
  readonly #format: Format;
  #reader: InputReader;
  /** Offset of each input. There is room for more of them. */
  #starts = new Float64Array(1_024);
  /** Offset of the end of the file. */
  #end = 0;
  /** Number of inputs. */
  count = 0;

  private constructor(file: TextFile, format: Format) {
    this.#file = file;
    this.#format = format;
    this.#reader = new InputReader(format, undefined);
  }

  /**
   * Opens a file, or takes all of stdin for `-`.
   *
   * @throws UsageError for a file that cannot be read.
   */
  static async open(run: Run, path: string, options: { format?: Format }): Promise<InputFile> {
    return new InputFile(await TextFile.open(run, path), formatOf(path, options));
  }

  /**
   * Reads each input once, when the endpoint is known.
   *
   * @throws UsageError with the first line that cannot be read; the reason of the signal.
   */
  async *scan(endpoint: EndpointInfo | undefined, signal: AbortSignal): AsyncGenerator<BatchInput, void> {
    this.#reader = new InputReader(this.#format, endpoint);
    for await (const { start, ...input } of this.#reader.read(this.#chunks(signal))) {
      this.#add(start);
      yield input;
    }
  }

  /**
   * Yields the inputs again.
   *
   * @throws UsageError where the file has changed.
   */
  async *inputs(): AsyncGenerator<BatchInput, void> {
    let index = 0;
    for await (const { start, ...input } of this.#reader.read(this.#file.chunks())) {
      if (index === this.count || start !== this.#starts[index]) throw this.changed();
      index++;
      yield input;
    }
    if (index < this.count) throw this.changed();
  }

  /** Reads the data of one input; `undefined` for an index without one. */
  async at(index: number): Promise<object | undefined> {
    if (!(index >= 0 && index < this.count)) return undefined;
    const end = index + 1 < this.count ? this.#starts[index + 1]! : this.#end;
    const text = await this.#file.text(this.#starts[index]!, end);
    return this.#reader.parse(text, `Input ${index + 1}`).data;
  }

  /** Returns the error of a file that was written while the batch ran. */
  changed(): UsageError {
    return new UsageError("The file of the inputs has changed while the batch ran. Run the same command again.");
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Yields the bytes of the file, and counts them. */
  async *#chunks(signal: AbortSignal): AsyncGenerator<Buffer, void> {
    for await (const chunk of this.#file.chunks()) {
      signal.throwIfAborted();
      this.#end += chunk.length;
      yield chunk;
    }
  }

  #add(start: number): void {
    if (this.count === this.#starts.length) {
      const more = new Float64Array(this.count * 2);
      more.set(this.#starts);
      this.#starts = more;
    }
    this.#starts[this.count++] = start;
  }
}
