import { stripVTControlCharacters } from "node:util";
import * as gr from "@gradio-rx/testing";
import { describe, expect, test, vi } from "vitest";
import { widthOf } from "../../packages/cli/src/terminal/layout.ts";
import { serve } from "./app.ts";
import { Screen } from "./screen.ts";
import { start, type StartOptions } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

/** Runs the program on a terminal of a size. Returns the lines that remain. */
async function linesOn(size: string, args: readonly string[], env: StartOptions["env"] = {}): Promise<string[]> {
  const { terminal } = await start(args, { terminal: ["out", "err"], env: { TERMINAL_SIZE: size, ...env } }).ended;
  const screen = new Screen();
  screen.write(terminal);
  return screen.text.trimEnd().split("\n");
}

const wide = (lines: readonly string[], columns: number): string[] => lines.filter((line) => widthOf(line) > columns);

describe("on a terminal of 40 columns", () => {
  test("info and doctor break their lines between words, but no command that is there to be pasted", async () => {
    const { url } = await serve({
      calc: gr.endpoint({
        inputs: [gr.slider("Amount", { minimum: 1, maximum: 10, info: "The number of things to count, at most ten." })],
        outputs: [gr.textbox("文字"), gr.textbox("text 🙂")],
        parameters: ["amount"],
        description: "Counts things, one after the other, until all are counted.",
        fn: () => ["", ""],
      }),
    });
    const info = await linesOn("40x24", ["info", url]);
    expect(wide(info, 40)).toEqual([expect.stringContaining("gradio-rx call")]);
    expect(info.join("\n").replaceAll(/\s+/g, " ")).toContain("one after the other, until all are counted.");
    // Both characters of the first label take two columns, as does the emoji.
    expect(info).toEqual(expect.arrayContaining(["    文字     text (Textbox)", "    text 🙂  text (Textbox)"]));
    expect(wide(await linesOn("40x24", ["doctor", url]), 40)).toEqual([]);
  });

  test("a live line is never wider than the terminal, and leaves nothing behind", async () => {
    const { url } = await serve({
      slow: gr.endpoint({
        inputs: [],
        outputs: [gr.textbox("text")],
        fn: async function* (context: gr.CallContext) {
          for (let step = 1; step <= 3; step++) {
            context.progress([step, 3], { desc: "読み込み中 🙂 ".repeat(10), unit: "ファイル" });
            await new Promise((resolve) => setTimeout(resolve, 200));
          }
          yield "語".repeat(30);
          yield `${"語".repeat(60)}.`;
        },
      }),
    });
    const args = ["call", url, "/slow"];
    const ended = await start(args, { terminal: ["out", "err"], env: { TERMINAL_SIZE: "40x24" } }).ended;
    const drawn = stripVTControlCharacters(ended.terminal.replaceAll("\r", "\n")).split("\n");
    expect(drawn.join("\n")).toContain("読み込み中");
    expect(wide(drawn, 40)).toEqual([`${"語".repeat(60)}.`]);
    // A character that is cut in half would be shown as this one.
    expect(ended.terminal).not.toContain("\ufffd");
    const screen = new Screen();
    screen.write(ended.terminal);
    expect(screen.text).toBe(`${"語".repeat(60)}.\n`);
  });
});

test("the help of the program fits a terminal of 80 columns", async () => {
  expect(wide(await linesOn("80x24", ["--help"]), 80)).toEqual([]);
});

test("a thousand outputs and a long text are printed as a whole, with any size of the terminal, TERM and locale", async () => {
  const many = Array.from({ length: 1_000 }, (_, at) => gr.number(`n${at}`));
  const { url } = await serve({
    many: gr.endpoint({ inputs: [], outputs: many, fn: () => many.map((_, at) => at) }),
    long: gr.endpoint({ inputs: [], outputs: [gr.textbox("text")], fn: () => `${"0123456789".repeat(20_000)}ä` }),
  });
  const outputs = await linesOn("20x5", ["call", url, "/many"]);
  expect(outputs).toEqual(many.flatMap((_, at) => [`n${at}:`, String(at)]));
  const env = { TERM: undefined, LANG: "C", LC_ALL: "C" };
  expect(await linesOn("20x5", ["call", url, "/long"], env)).toEqual([`${"0123456789".repeat(20_000)}ä`]);
});
