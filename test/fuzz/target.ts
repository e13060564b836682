import * as fc from "fast-check";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Something that is tried with inputs that nobody has thought of. Inputs are JSON, so that those that failed can be kept. */
export interface Target<Input> {
  name: string;
  inputs: fc.Arbitrary<Input>;
  /** How many inputs are enough in the ordinary suite. Default 300. */
  few?: number;
  /** Throws where something does not hold for this input. */
  check: (input: Input) => void | Promise<void>;
}

/** One of them, whatever its inputs are. */
export interface AnyTarget {
  name: string;
  few: number;
  /** Tries inputs that have failed before, then others for as long as the parameters say; returns how many. Throws with the smallest that fails. */
  run(parameters: fc.Parameters<[unknown]>): Promise<number>;
}

/** Makes a target of what differs between them. */
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

/** The smallest input that was found to fail. */
export class CounterExample extends Error {
  readonly input: unknown;

  constructor(message: string, input: unknown, cause: unknown) {
    super(message, { cause });
    this.input = input;
  }
}

const file = (name: string): string => fileURLToPath(new URL(`corpus/${name}.json`, import.meta.url));

/** Inputs that have failed once; each is tried first, for ever. */
export function corpus(name: string): unknown[] {
  return existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), "utf8")) as unknown[]) : [];
}

/** Keeps an input that has failed. */
export function keep(name: string, input: unknown): void {
  mkdirSync(new URL("corpus/", import.meta.url), { recursive: true });
  writeFileSync(file(name), `${JSON.stringify([...corpus(name), input], null, 2)}\n`);
}

/** Throws where something that must hold does not. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Nothing was added to what all objects share. */
export function mustBeUnpolluted(): void {
  for (const shared of [Object, Object.prototype, Array, Array.prototype, Function.prototype])
    must(Object.keys(shared).length === 0, `a prototype was polluted: ${Object.keys(shared).join(", ")}`);
}

/** Keys that are hard on careless programs, and some that are not. */
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

/** Any value of JSON. */
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
