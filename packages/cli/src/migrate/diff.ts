import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** Returns a unified diff of a file, as `git apply` and `patch -p1` read it. */
export function diffOf(path: string, before: string, after: string): string {
  const name = path.replaceAll("\\", "/").replace(/^\.?\//, "");
  return createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}
