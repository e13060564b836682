/**
 * Defines members of an object by symbols that not every platform has, or that only one platform reads.
 *
 * @param dispose - called by `await using`; the member is absent where the platform has no `Symbol.asyncDispose`.
 * @param inspect - returns the text that `console.log` of Node prints.
 */
export function defineSymbols(
  object: object,
  { dispose, inspect }: { dispose: () => Promise<void>; inspect: () => string },
): void {
  const { asyncDispose } = Symbol as { asyncDispose?: symbol };
  if (asyncDispose) Object.defineProperty(object, asyncDispose, { value: dispose });
  Object.defineProperty(object, Symbol.for("nodejs.util.inspect.custom"), { value: inspect });
}
