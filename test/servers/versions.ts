import { readFileSync } from "node:fs";

/** The versions of Gradio in one of the lists beside the app, oldest first: `all`, or `quick`, one of each wire. */
export function versions(list: "all" | "quick"): string[] {
  const text = readFileSync(new URL(`../gradio/${list}.txt`, import.meta.url), "utf8");
  return text.trim().split("\n");
}

/** The version that requirements.txt pins, and that the suite runs over in Chromium as well. */
export const newest: string = versions("all").at(-1)!;
