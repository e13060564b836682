import * as fc from "fast-check";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A property that is tested with generated inputs. Inputs are JSON, so that failing ones can be stored. */
export interface Target<Input> {
  name: string;
  inputs: fc.Arbitrary<Input>;
  /** Number of inputs in the ordinary suite. Default 300. */
  few?: number;
  /** Throws if the property does not hold for this input. */
  check: (input: Input) => void | Promise<void>;
}

/** A target with any type of inputs. */
export interface AnyTarget {
  name: string;
  few: number;
  /** Tests stored inputs, then others as the parameters say; returns their number. Throws the smallest failing input. */
  run(parameters: fc.Parameters<[unknown]>): Promise<number>;
}

/** Creates a target. */
export function target<Input>({ name, inputs, few = 300, check }: Target<Input>): AnyTarget {
  const property = fc.asyncProperty(inputs, async (input) => await check(input));
  return {
    name,
    few,
    async run(parameters) {
      for (const input of corpus(name)) await check(input as Input);
      const outcome = await fc.check(property, parameters as fc.Parameters<[Input]>);
      if (!outcome.failed || outcome.counterexample === null) return outcome.numRuns;
      const [input] = outcome.counterexample;
      const cause = outcome.errorInstance;
      throw new CounterExample(
        `${name} fails for ${JSON.stringify(input)} (seed ${outcome.seed}): ${cause instanceof Error ? cause.message : "?"}`,
        input,
        cause,
      );
    },
  };
}

/** The smallest failing input. */
export class CounterExample extends Error {
  readonly input: unknown;

  constructor(message: string, input: unknown, cause: unknown) {
    super(message, { cause });
    this.input = input;
  }
}

const file = (name: string): string => fileURLToPath(new URL(`corpus/${name}.json`, import.meta.url));

/** Returns the stored inputs that failed once. They are tested first in each run. */
export function corpus(name: string): unknown[] {
  return existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), "utf8")) as unknown[]) : [];
}

/** Stores a failing input. */
export function keep(name: string, input: unknown): void {
  mkdirSync(new URL("corpus/", import.meta.url), { recursive: true });
  writeFileSync(file(name), `${JSON.stringify([...corpus(name), input], null, 2)}\n`);
}

/** Throws if a condition does not hold. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Checks that `Object.prototype` is unchanged. */
export function mustBeUnpolluted(): void {
  for (const shared of [Object, Object.prototype, Array, Array.prototype, Function.prototype])
    must(Object.keys(shared).length === 0, `a prototype was polluted: ${Object.keys(shared).join(", ")}`);
}

/** Keys that are critical for careless programs, and ordinary ones. */
export const keys: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "0",
    "1",
    "length",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "__type__",
    "value",
    "path",
    "meta",
  ),
  fc.string({ maxLength: 4 }),
);

/** Any JSON value. */
export const json: fc.Arbitrary<unknown> = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.oneof(fc.constantFrom(null, true, false, 0, -1, 1e300, 0.5, ""), fc.string({ maxLength: 8 }), fc.integer()),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
