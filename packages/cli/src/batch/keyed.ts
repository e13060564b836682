import type { EndpointInfo } from "@gradio-rx/node";
import { withReferences } from "../data/files.ts";
import { UsageError } from "../exit.ts";
import type { BatchInput } from "./inputs.ts";

const MAX_LENGTH = 512;

/** Settings of {@link KeyedInputs}. */
export interface KeyedOptions {
  /** Field of each input that is its key; `undefined`: its key is a hash of it. */
  field: string | undefined;
  endpoint: EndpointInfo;
  /** Returns the key of an input without such a field. */
  keyOf: (input: unknown) => string;
}

/**
 * Inputs of a batch with their keys. Of inputs with one key, the first counts. The inputs are kept as JSON text, which takes less memory
 * than their values.
 */
export class KeyedInputs {
  readonly #texts: string[] = [];
  readonly #keys: string[] = [];
  /** Index of the first input with a key. */
  readonly #places = new Map<string, number>();
  /** Field that is not sent. */
  readonly #hidden: string | undefined;

  /** Reads all inputs. Throws UsageError for one whose key is missing or no key. */
  constructor(inputs: Iterable<BatchInput>, { field, endpoint, keyOf }: KeyedOptions) {
    this.#hidden = endpoint.parameters.some(({ name }) => name === field) ? undefined : field;
    for (const input of inputs) {
      const key = field === undefined ? keyOf(input.data) : fieldOf(input, field);
      if (!this.#places.has(key)) this.#places.set(key, this.#texts.length);
      this.#texts.push(JSON.stringify(input.data));
      this.#keys.push(key);
    }
  }

  /** Number of keys. */
  get size(): number {
    return this.#places.size;
  }

  /** Returns the key of the input at an index. */
  keyAt(index: number): string {
    return this.#keys[index]!;
  }

  /** Whether an input has a key. */
  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Returns index and input of a key; `undefined` for a key that the inputs do not have. */
  find(key: string): { index: number; input: unknown } | undefined {
    const index = this.#places.get(key);
    return index === undefined ? undefined : { index, input: JSON.parse(this.#texts[index]!) as unknown };
  }

  /** Yields the data of each call. */
  *data(): Generator<unknown, void> {
    for (const text of this.#texts) {
      const input = JSON.parse(text) as Record<string, unknown>;
      if (this.#hidden !== undefined) delete input[this.#hidden];
      yield withReferences(input);
    }
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
