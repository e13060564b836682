import * as fc from "fast-check";
import { Client, GradioError, InputError } from "@gradio-rx/core";
import { createApp } from "@gradio-rx/testing";
import { json, keys, must, mustBeUnpolluted, target } from "../target.ts";

/** Recipe for a value that JSON cannot represent. */
type Recipe =
  | { make: "json"; value: unknown }
  | { make: "toJSON"; value: unknown }
  | { make: "list" | "map" | "set" | "cycle" | "boxed" | "frozen"; of: Recipe }
  | { make: "object"; keys: string[]; of: Recipe }
  | {
      make:
        | "undefined"
        | "NaN"
        | "Infinity"
        | "bigint"
        | "function"
        | "symbol"
        | "date"
        | "throws"
        | "promise"
        | "hole"
        | "class"
        | "bare"
        | "revoked"
        | "-0";
    };

const simple = [
  "undefined",
  "NaN",
  "Infinity",
  "bigint",
  "function",
  "symbol",
  "date",
  "throws",
  "promise",
  "hole",
  "class",
  "bare",
  "revoked",
  "-0",
] as const;
const recipe = fc.letrec<{ one: Recipe }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 3 },
    fc.record({ make: fc.constantFrom("json", "toJSON"), value: json }),
    fc.record({ make: fc.constantFrom(...simple) }),
    fc.record({ make: fc.constantFrom("list", "map", "set", "cycle", "boxed", "frozen"), of: tie("one") }),
    fc.record({ make: fc.constant("object" as const), keys: fc.array(keys, { maxLength: 3 }), of: tie("one") }),
  ),
})).one;

function cook(one: Recipe): unknown {
  switch (one.make) {
    case "json":
      return structuredClone(one.value);
    case "list":
      return [cook(one.of), 1];
    case "object":
      return Object.fromEntries(one.keys.map((key) => [key, cook(one.of)]));
    case "map":
      return new Map([["key", cook(one.of)]]);
    case "set":
      return new Set([cook(one.of)]);
    case "cycle": {
      const cycle: unknown[] = [cook(one.of)];
      cycle.push({ cycle });
      return cycle;
    }
    case "boxed":
      return Object(cook(one.of));
    case "toJSON":
      return { toJSON: () => structuredClone(one.value) };
    case "frozen":
      return Object.freeze({ inside: cook(one.of) });
    default:
      return odd(one.make);
  }
}

function odd(make: (typeof simple)[number]): unknown {
  const revocable = Proxy.revocable({}, {});
  if (make === "revoked") revocable.revoke();
  const values: Record<(typeof simple)[number], unknown> = {
    undefined: undefined,
    NaN: Number.NaN,
    Infinity: -Infinity,
    bigint: 1n,
    function: () => 1,
    symbol: Symbol("x"),
    date: new Date(Number.NaN),
    throws: {
      get it(): never {
        throw new TypeError("mine");
      },
    },
    promise: Promise.resolve(1),
    // oxlint-disable-next-line no-sparse-arrays -- that is what it is about
    hole: [1, , 2],
    class: new (class Own {
      readonly field = 1;
    })(),
    bare: Object.assign(Object.create(null) as object, { a: 1 }),
    revoked: revocable.proxy,
    "-0": -0,
  };
  return values[make];
}

/** Returns a value after JSON serialization; `undefined` if JSON omits it. */
function carried(value: unknown): string | undefined {
  try {
    // A bigint keeps its digits: those of this one are also a number's.
    return JSON.stringify(value, (_, part: unknown) =>
      Object.prototype.toString.call(part) === "[object BigInt]" ? Number(part) : part,
    );
  } catch {
    return undefined;
  }
}

/** Whether a value contains something that JSON cannot represent, even by omission. */
function cannotBeCarried(one: Recipe): boolean {
  if (one.make === "list" || one.make === "boxed" || one.make === "frozen") return cannotBeCarried(one.of);
  if (one.make === "object") return one.keys.length > 0 && cannotBeCarried(one.of);
  return ["map", "set", "cycle", "NaN", "Infinity", "function", "symbol", "promise", "throws", "revoked"].includes(
    one.make,
  );
}

const app = createApp({ "/echo": (value: unknown) => value });
let connected: Promise<Client> | undefined;

/** Any value is sent as JSON represents it or rejected before a request. It is not modified. */
export const calling = target({
  name: "arguments",
  inputs: fc.record({ value: recipe, byName: fc.boolean() }),
  async check({ value: made, byName }) {
    const client = await (connected ??= Client.connect(app.url, { transport: app.transport }));
    const value = cook(made);
    const before = carried(value);
    const sent = app.count("POST", "/queue/join");
    try {
      const echoed = await client.predict("/echo", byName ? { value } : [value]);
      must(!cannotBeCarried(made), "something was sent in place of a value that JSON cannot carry");
      must(JSON.stringify(echoed) === before, `${JSON.stringify(echoed)} in place of ${before}`);
    } catch (error) {
      if (!(error instanceof GradioError)) throw error;
      must(error instanceof InputError, `${error.name}: ${error.message}`);
      must(app.count("POST", "/queue/join") === sent, "something was sent");
    }
    must(carried(value) === before, "the caller's value was changed");
    mustBeUnpolluted();
  },
});
