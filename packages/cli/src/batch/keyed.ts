import type { EndpointInfo } from "@gradio-rx/node";
import { withReferences } from "../data/files.ts";
import { UsageError } from "../exit.ts";
import type { InputFile } from "./input-file.ts";
import type { BatchInput } from "./inputs.ts";
import { KeyIndex } from "./key-index.ts";

const MAX_LENGTH = 512;

/** Settings of {@link KeyedInputs}. */
export interface KeyedOptions {
  /** Field of each input that is its key; `undefined`: its key is a hash of it. */
  field: string | undefined;
  endpoint: EndpointInfo;
  /** Returns the key of an input without such a field. */
  keyOf: (input: unknown) => string;
}

/** Inputs of a batch with their keys. Of inputs with one key, the first counts. */
export class KeyedInputs {
  readonly #file: InputFile;
  readonly #options: KeyedOptions;
  readonly #keys = new KeyIndex();
  /** Keys of the data that {@link data} has yielded. */
  readonly #keyOfData = new WeakMap<object, string>();

  private constructor(file: InputFile, options: KeyedOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Reads all inputs once. Throws UsageError for one that cannot be read, or whose key is missing or no key. */
  static async read(file: InputFile, options: KeyedOptions, signal: AbortSignal): Promise<KeyedInputs> {
    const keyed = new KeyedInputs(file, options);
    let index = 0;
    for await (const input of file.scan(options.endpoint, signal)) keyed.#keys.add(keyed.#keyOf(input), index++);
    return keyed;
  }

  /** Number of keys. */
  get size(): number {
    return this.#keys.size;
  }

  /** Whether an input has a key. */
  has(key: string): boolean {
    return this.#keys.find(key) !== undefined;
  }

  /**
   * Reads the first input with a key.
   *
   * @returns its index and the input; `undefined` for a key that the inputs do not have.
   * @throws UsageError where the file has changed.
   */
  async find(key: string): Promise<{ index: number; input: unknown } | undefined> {
    const index = this.#keys.find(key);
    if (index === undefined) return undefined;
    const data = (await this.#file.at(index))!;
    if (this.#keyOf({ data, place: `Input ${index + 1}` }) !== key) throw this.#file.changed();
    return { index, input: data };
  }

  /** Yields the data of each call. */
  async *data(): AsyncGenerator<object, void> {
    const { field, endpoint } = this.#options;
    const isHidden = !endpoint.parameters.some(({ name }) => name === field);
    for await (const input of this.#file.inputs()) {
      const key = this.#keyOf(input);
      if (!this.has(key)) throw this.#file.changed();
      if (field !== undefined && isHidden) Reflect.deleteProperty(input.data, field);
      const data = withReferences(input.data) as object;
      this.#keyOfData.set(data, key);
      yield data;
    }
  }

  /** Returns the key of data that {@link data} has yielded. */
  keyOf(data: object): string {
    return this.#keyOfData.get(data)!;
  }

  #keyOf(input: BatchInput): string {
    const { field, keyOf } = this.#options;
    return field === undefined ? keyOf(input.data) : fieldOf(input, field);
  }
}

function fieldOf({ data, place }: BatchInput, field: string): string {
  if (Array.isArray(data))
    throw new UsageError(`${place} is an array, which has no field ${JSON.stringify(field)} for its key.`);
  const value = Object.hasOwn(data, field) ? (data as Record<string, unknown>)[field] : undefined;
  if (value === undefined) throw new UsageError(`${place} has no field ${JSON.stringify(field)} for its key.`);
  const key = typeof value === "number" ? String(value) : value;
  if (typeof key === "string" && key !== "" && key.length <= MAX_LENGTH) return key;
  throw new UsageError(
    `${place}: the field ${JSON.stringify(field)} has to be a number or a text of 1 to ${MAX_LENGTH} characters.`,
  );
}
