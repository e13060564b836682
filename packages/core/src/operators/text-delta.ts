import { concatMap, defer, EMPTY, type MonoTypeOperatorFunction, of } from "rxjs";

/**
 * Emits the part of each text after the longest beginning that it shares with the text before. The deltas join to the last text only where
 * each text begins with the one before: the removal of a part is not emitted. A delta is never empty, and does not split a surrogate pair.
 *
 * @example
 * ```ts
 * client.observe<string>("/write", ["cats"]).pipe(outputs(), textDelta()).subscribe((delta) => append(delta));
 * ```
 */
export function textDelta(): MonoTypeOperatorFunction<string> {
  return (texts$) =>
    defer(() => {
      let before = "";
      return texts$.pipe(
        concatMap((given) => {
          const text = withoutHalf(given);
          const delta = text.slice(commonLength(before, text));
          before = text;
          return delta === "" ? EMPTY : of(delta);
        }),
      );
    });
}

/** Returns a text without a first half of a surrogate pair at its end, whose second half has not arrived yet. */
function withoutHalf(text: string): string {
  return isFirstHalf(text, text.length - 1) ? text.slice(0, -1) : text;
}

/** Returns the length of the longest common beginning of two texts that does not split a surrogate pair. */
function commonLength(before: string, text: string): number {
  if (text.startsWith(before)) return before.length;
  const most = Math.min(before.length, text.length);
  let length = 0;
  while (length < most && before.charCodeAt(length) === text.charCodeAt(length)) length++;
  return isFirstHalf(text, length - 1) ? length - 1 : length;
}

function isFirstHalf(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}
