import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoint, ParameterInfo } from "../app/endpoints.ts";
import { InputError } from "../errors.ts";
import { bindArguments, type BoundArguments } from "./arguments.ts";
import { markedFiles } from "./dialect.ts";

const bind = (one: Endpoint, data: unknown): BoundArguments => bindArguments(one, data, { dialect: () => markedFiles });

const names = ["text", "number", "flag", "choice"];

/** An endpoint with so many parameters, some with defaults, and states wherever `states` says. */
function endpoint(defaults: readonly boolean[], states: readonly boolean[]): Endpoint {
  const parameters = defaults.map((hasDefault, at): ParameterInfo => ({
    name: names[at]!,
    label: names[at]!,
    type: {},
    hasDefault,
    default: hasDefault ? `default ${at}` : null,
    component: "Api",
    file: null,
    example: null,
    help: null,
    choices: null,
    openChoices: false,
    minimum: null,
    maximum: null,
  }));
  // A state may stand before, between and after what the caller passes.
  const slots = parameters.flatMap((_, at) => (states[at] ? [null, at] : [at]));
  const about = { returns: [], description: "", generator: false, stream: false, visibility: "public" as const };
  const run = { stateful: false, queued: true, batchSize: 1, concurrency: null };
  const info = { name: "/f", index: 3, parameters, ...about, ...run };
  const rest = { visible: [], outputs: 0, joinable: true, callableByName: false, login: false, isCancel: false };
  return { ...info, info, slots, hasBackend: true, ...rest };
}

const shape = fc
  .integer({ min: 0, max: names.length })
  .chain((length) =>
    fc.tuple(
      fc.array(fc.boolean(), { minLength: length, maxLength: length }),
      fc.array(fc.boolean(), { minLength: length, maxLength: length }),
    ),
  );

/** JSON values as they come back from JSON: there is no -0. */
const value = fc.jsonValue().map((one) => JSON.parse(JSON.stringify(one)) as unknown);

test("by name and by position are the same call, with defaults in their places and null for every state", () => {
  fc.assert(
    fc.property(
      shape,
      fc.array(fc.option(value, { nil: undefined }), { minLength: 4, maxLength: 4 }),
      ([defaults, states], values) => {
        const one = endpoint(defaults, states);
        // What has no default is given.
        const given = one.parameters.map((parameter, at) => values[at] ?? (parameter.hasDefault ? undefined : "given"));
        const byPosition = bind(one, given);
        const byName = bind(one, Object.fromEntries(given.map((part, at) => [names[at], part])));
        expect(byName.data).toEqual(byPosition.data);
        const expected = one.slots.map((slot) => (slot === null ? null : (given[slot] ?? `default ${slot}`)));
        expect(JSON.stringify(byPosition.data)).toBe(JSON.stringify(expected));
        expect(byPosition.inputNames).toEqual(one.slots.map((slot) => (slot === null ? null : names[slot])));
      },
    ),
  );
});

test("an argument that is missing, one too many, and an unknown one are refused, each by its name", () => {
  fc.assert(
    fc.property(shape, ([defaults, states]) => {
      const one = endpoint(defaults, states);
      const missing = one.parameters.find((parameter) => !parameter.hasDefault);
      const call = (data: unknown) => () => bind(one, data);
      const outcome = (): string => {
        try {
          return `${call({})().data.length} values`;
        } catch (error) {
          return String(error);
        }
      };
      expect(outcome()).toContain(missing ? `"${missing.name}"` : `${one.slots.length} values`);
      expect(call(Array.from({ length: one.parameters.length + 1 }, () => 1))).toThrow(InputError);
      expect(call({ unheard: 1 })).toThrow('"unheard"');
    }),
  );
});

test("a call without data names every required parameter, and shows the data that passes them", () => {
  const one = endpoint([false, true, false], []);
  const shown = 'Also missing: flag. Its parameters: text, number = "default 1", flag. ';
  for (const data of [undefined, [], {}])
    expect(() => bind(one, data)).toThrow(
      `The parameter "text" of /f is missing. ${shown}Pass the data by name: { "text": …, "flag": … }.`,
    );
  const nameless = { ...one, parameters: one.parameters.map((parameter) => ({ ...parameter, name: null })) };
  expect(() => bind(nameless, undefined)).toThrow("Pass the data by position: [text, number, flag].");
});

test("a call that lacks one of its parameters names that one alone", () => {
  const one = endpoint([false, false], []);
  expect(() => bind(one, { text: "a" })).toThrow(
    /^The parameter "number" of \/f is missing\. Its parameters: text, number\.$/,
  );
});

test("parameters are not read from the prototype of the data", () => {
  const one = endpoint([true], [false]);
  expect(bind(one, Object.create({ text: "inherited" }, {})).data).toEqual(["default 0"]);
  expect(() => bind(one, JSON.parse('{"__proto__": 1}'))).toThrow("__proto__");
});
