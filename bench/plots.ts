import type { AdapterName } from "./adapters/adapter.ts";
import type { Result } from "./rows.ts";
import { digits, label } from "./table.ts";

const WIDTH = 900;
const LEFT = 375;
const ROOM = WIDTH - LEFT - 110;
const BAR = 13;
const HEAD = 70;
const colours: Partial<Record<AdapterName, string>> = {
  ours: "#1a7f5a",
  floor: "#8a8f98",
  js: "#e07b39",
  py: "#3b6fb6",
};
const names: Partial<Record<AdapterName, string>> = {
  ours: "gradio-rx",
  floor: "floor",
  js: "@gradio/client",
  py: "gradio_client",
};
const columns = ["ours", "floor", "js", "py"] as const;

/** Draws bars for each row: multiples of the floor's figure on a logarithmic scale. */
export function svg(results: readonly Result[]): string {
  const rows = results.filter(({ medians }) => typeof medians.floor === "number" && medians.floor > 0);
  const parts: string[] = [];
  let top = HEAD;
  for (const { row, medians, verdict } of rows) {
    const own = columns.filter((name) => typeof medians[name === "ours" ? (row.adapter ?? name) : name] === "number");
    const mark = verdict === null ? "" : { met: " ✓", missed: " ✗", "out of reach": " ~" }[verdict];
    parts.push(text(LEFT - 8, top + 11, label(row) + mark, 'text-anchor="end"'));
    own.forEach((name, index) => {
      const figure = medians[name === "ours" ? (row.adapter ?? name) : name] as number;
      const y = top + index * BAR;
      parts.push(
        `<rect x="${LEFT}" y="${y + 1}" width="${length(figure / (medians.floor as number))}" height="${BAR - 3}" fill="${colours[name]}"/>`,
      );
      parts.push(
        text(
          LEFT + length(figure / (medians.floor as number)) + 5,
          y + 10,
          digits(figure),
          'fill="#555" font-size="10"',
        ),
      );
    });
    top += own.length * BAR + 9;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 10}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${text(12, 22, "gradio-rx, the official clients and a hand-written minimum", 'font-size="15" font-weight="bold"')}
${legend()}
${grid(top)}
${parts.join("\n")}
</svg>
`;
}

/** Draws from a quarter of the floor's figure to 32 times of it; values beyond are cut off at the edge. */
function length(ratio: number): number {
  const steps = Math.min(Math.max(Math.log2(ratio) + 2, 0.1), 7);
  return Math.round((steps / 7) * ROOM);
}

function legend(): string {
  return columns
    .map(
      (name, index) =>
        `<rect x="${12 + index * 130}" y="34" width="10" height="10" fill="${colours[name]}"/>${text(27 + index * 130, 43, names[name]!)}`,
    )
    .join("\n");
}

function grid(bottom: number): string {
  return [0.25, 0.5, 1, 2, 4, 8, 16, 32]
    .map((ratio) => {
      const x = LEFT + Math.round(((Math.log2(ratio) + 2) / 7) * ROOM);
      const line = `<line x1="${x}" x2="${x}" y1="${HEAD - 6}" y2="${bottom}" stroke="${ratio === 1 ? "#999" : "#e4e4e4"}"/>`;
      return line + text(x, HEAD - 10, `${ratio}×`, 'text-anchor="middle" fill="#777" font-size="10"');
    })
    .join("\n");
}

function text(x: number, y: number, words: string, more = ""): string {
  const safe = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("`", "");
  return `<text x="${x}" y="${y}" ${more}>${safe}</text>`;
}
