import * as fc from "fast-check";
import { viewApi } from "../../../packages/core/src/api.ts";
import { parseConfig } from "../../../packages/core/src/app/config.ts";
import { describeEndpoints } from "../../../packages/core/src/app/endpoints.ts";
import { withRendered } from "../../../packages/core/src/app/config.ts";
import { ProtocolError } from "../../../packages/core/src/errors.ts";
import { json, keys, must, mustBeUnpolluted, target } from "../target.ts";

/** An object with some of these fields, some of which have invalid values. */
const fields = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record(
        Object.fromEntries(
          Object.entries(model).map(([key, good]) => [key, fc.oneof({ weight: 5, arbitrary: good }, json)]),
        ),
        { requiredKeys: [] },
      ),
    },
    { weight: 1, arbitrary: json },
  );

const id = fc.integer({ min: -1, max: 4 });
const component = fields({
  id,
  type: fc.constantFrom("textbox", "state", "File", "__proto__"),
  props: fields({ label: keys }),
  skip_api: fc.boolean(),
  rendered_in: id,
});
const dependency = fields({
  id,
  api_name: keys,
  inputs: fc.array(id, { maxLength: 3 }),
  outputs: fc.array(id, { maxLength: 3 }),
  backend_fn: fc.boolean(),
  queue: fc.boolean(),
  types: fields({ cancel: fc.boolean(), generator: fc.boolean() }),
  api_visibility: fc.constantFrom("public", "private"),
  show_api: fc.boolean(),
  connection: fc.constantFrom("sse", "stream"),
  rendered_in: id,
});
const config = fields({
  version: keys,
  protocol: keys,
  api_prefix: keys,
  components: fc.array(component, { maxLength: 4 }),
  dependencies: fc.array(dependency, { maxLength: 4 }),
  root: keys,
  max_file_size: fc.integer(),
});
const parameter = fields({
  parameter_name: keys,
  label: keys,
  type: fields({ $ref: keys, $defs: json, items: json, properties: json, about: fc.constant("gradio.FileData") }),
  parameter_has_default: fc.boolean(),
  parameter_default: json,
  component: keys,
});
const endpoint = fields({
  parameters: fc.array(parameter, { maxLength: 3 }),
  returns: fc.array(parameter, { maxLength: 3 }),
  description: keys,
});
const group = fc.oneof(
  fc
    .array(
      fc.tuple(
        keys.map((key) => `/${key}`),
        endpoint,
      ),
      { maxLength: 3 },
    )
    .map((entries) => Object.fromEntries(entries) as unknown),
  json,
);

/** Any description of an app is rejected, or results in endpoints that can be listed and called. */
export const description = target({
  name: "description",
  inputs: fc.record({
    body: config,
    info: fields({ named_endpoints: group, unnamed_endpoints: group }),
    rendered: config,
  }),
  check({ body, info, rendered }) {
    let parsed: ReturnType<typeof parseConfig>;
    try {
      parsed = withRendered(parseConfig({ url: "http://app.test/config", body, isJson: true }), rendered);
    } catch (error) {
      if (error instanceof ProtocolError) return mustBeUnpolluted();
      throw error;
    }
    must(!/^\/|\.\.|[?#@]/.test(parsed.prefix), `the prefix ${parsed.prefix}`);
    for (const one of describeEndpoints(parsed, info)) {
      const { name, parameters, slots, visible, returns, outputs } = one;
      must(typeof name === "string" && name !== "", "an endpoint without a name");
      must(slots.filter((slot) => slot !== null).length === parameters.length, "slots and parameters do not agree");
      must(visible.length === returns.length && visible.every((at) => at < outputs), "outputs do not agree");
      must(
        parameters.every(
          (given) => typeof given.label === "string" && (given.name === null || typeof given.name === "string"),
        ),
        "an invalid parameter",
      );
      must(typeof viewApi("title", [one]) === "string", "no text");
    }
    mustBeUnpolluted();
  },
});
