import { listed, type RawEndpoint } from "@gradio-rx/core/raw";

/**
 * Returns one value for each input of a function, states included.
 *
 * @param data - by position, for all inputs or for those without states; or by name. Parameters that are left out get their defaults.
 * @throws Error for an unknown name, and for a parameter without a value and without a default.
 */
export function arrange(endpoint: Pick<RawEndpoint, "name" | "parameters" | "slots">, data: unknown): unknown[] {
  const { slots, parameters, name } = endpoint;
  const isList = Array.isArray(data);
  const list: readonly unknown[] = isList ? data : byName(endpoint, data);
  const hasStates = isList && slots.length > parameters.length && list.length >= slots.length;
  if (hasStates) return slots.map((_, at) => list[at] ?? null);
  return slots.map((slot) => {
    if (slot === null) return null;
    const given = list[slot];
    if (given !== undefined) return given;
    const { hasDefault, default: value, name: parameter } = parameters[slot]!;
    // A function that the app does not describe has no names, and its page may leave values out.
    if (hasDefault || parameter === null) return hasDefault ? value : null;
    throw new Error(`No value was given for the required parameter ${parameter} of ${name}.`);
  });
}

function byName({ name, parameters }: Pick<RawEndpoint, "name" | "parameters">, data: unknown): unknown[] {
  const given: object = typeof data === "object" && data !== null ? data : {};
  const names = parameters.map((parameter) => parameter.name);
  const unknown = Object.keys(given).find((key) => !names.includes(key));
  if (unknown !== undefined)
    throw new Error(
      `${name} has no parameter ${unknown}. Its parameters: ${listed(names.filter((one) => one !== null))}.`,
    );
  return names.map((key) => (key !== null && Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined));
}
