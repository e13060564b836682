/** Returns defaults overridden by the given options. An option whose value is `undefined` counts as left out. */
export function mergeOptions<Options extends object>(
  defaults: Options,
  given: { [Name in keyof Options]?: Options[Name] | undefined } = {},
): Options {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}
