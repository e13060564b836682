import type { Cell } from "../../test/cli/screen.ts";
import type { Frame } from "./terminal.ts";

const colours: Readonly<Record<number, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff" };
const [left, top, lineHeight, width] = [16, 32, 20, 720] as const;
/** Maximum time between two frames, in milliseconds. Longer pauses are shortened. */
const MAX_PAUSE = 2_000;
/** Minimum time between two frames, in milliseconds. Of the frames within it, the last one is drawn. */
const MIN_PAUSE = 40;
/** Time that the last frame stays, in milliseconds. */
const LAST = 3_000;

/** Draws frames as one animated SVG that repeats. Each frame is shown until the next one starts. */
export function svg(recorded: readonly Frame[], label: string): string {
  const frames = timed(recorded);
  const total = frames.at(-1)!.time + LAST;
  const height = top + Math.max(...frames.map(({ rows }) => rows.length)) * lineHeight;
  const percent = (time: number): string => `${((100 * time) / total).toFixed(2)}%`;
  const rules = frames.map(({ time }, at) => {
    const end = frames[at + 1]?.time;
    const hidden = end === undefined ? "" : `${percent(end)},100%{visibility:hidden}`;
    const before = at === 0 ? "" : "0%{visibility:hidden}";
    return `@keyframes f${at}{${before}${percent(time)}{visibility:visible}${hidden}}#f${at}{animation-name:f${at}}`;
  });
  const lines = new Lines();
  const groups = frames.map(({ rows }, at) => `<g id="f${at}">${rows.map((row, y) => lines.use(row, y)).join("")}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">`,
    `<style>text{font:14px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#e6edf3}g{visibility:hidden;animation:${Math.round(total)}ms step-end infinite}`,
    `@media (prefers-reduced-motion:reduce){g{animation:none}#f${frames.length - 1}{visibility:visible}}`,
    `${rules.join("")}</style>`,
    `<defs>${lines.definitions}</defs>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...groups,
    "</svg>\n",
  ].join("\n");
}

/** Returns the frames that differ, with short pauses between them. */
function timed(recorded: readonly Frame[]): Frame[] {
  const frames = recorded.filter(({ time, rows }, at) => {
    const [before, after] = [recorded[at - 1], recorded[at + 1]];
    const isSame = before !== undefined && JSON.stringify(before.rows) === JSON.stringify(rows);
    return after === undefined || (!isSame && after.time - time > MIN_PAUSE);
  });
  let end = 0;
  return frames.map(({ time, rows }, at) => {
    end += at === 0 ? 0 : Math.min(time - frames[at - 1]!.time, MAX_PAUSE);
    return { time: end, rows };
  });
}

/** Lines of text that frames share. */
class Lines {
  readonly #ids = new Map<string, number>();

  get definitions(): string {
    return [...this.#ids].map(([text, id]) => `<text id="l${id}" xml:space="preserve">${text}</text>`).join("");
  }

  /** Returns the element that shows a line. An empty line needs none. */
  use(row: readonly Cell[], y: number): string {
    const text = spans(row);
    if (text === "") return "";
    const id = this.#ids.get(text) ?? this.#ids.size;
    this.#ids.set(text, id);
    return `<use href="#l${id}" x="${left}" y="${top + y * lineHeight}"/>`;
  }
}

/** Returns the text of a line, with an element for each style. */
function spans(row: readonly Cell[]): string {
  const pieces: { attributes: string; text: string }[] = [];
  for (const { character, style } of row) {
    const attributes = attributesOf(style);
    const last = pieces.at(-1);
    if (last?.attributes === attributes) last.text += character;
    else pieces.push({ attributes, text: character });
  }
  return pieces.map(({ attributes, text }) => `<tspan${attributes}>${escaped(text)}</tspan>`).join("");
}

/** Returns the attributes of a style: 1 is bold, 2 is dim. */
function attributesOf(style: readonly number[]): string {
  const fill = style.map((code) => colours[code]).find((colour) => colour !== undefined);
  return [
    fill ? ` fill="${fill}"` : "",
    style.includes(1) ? ' font-weight="bold"' : "",
    style.includes(2) ? ' opacity=".6"' : "",
  ].join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
