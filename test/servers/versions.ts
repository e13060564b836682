import { readFileSync } from "node:fs";

/** Returns the versions of Gradio in a list, oldest first: `all`, or `quick` with one of each protocol. */
export function versions(list: "all" | "quick"): string[] {
  const text = readFileSync(new URL(`../gradio/${list}.txt`, import.meta.url), "utf8");
  return text.trim().split("\n");
}

/** Version that requirements.txt pins; the suite also runs against it in Chromium. */
export const newest: string = versions("all").at(-1)!;
