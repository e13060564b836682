/** One character of a terminal, and the codes of its style. */
export interface Cell {
  character: string;
  style: readonly number[];
}

const CLEAR: Cell = { character: " ", style: [] };

/** Content of a terminal: the lines that remain after text, colours and erasures were written to it. */
export class Screen {
  readonly rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style: readonly number[] = [];

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- what a terminal is written
    for (const [part, code, numbers = "", letter] of text.matchAll(/(\u001b\[\??([\d;]*)([A-Za-z]))|[^]/gu)) {
      if (code !== undefined) this.#control(letter!, numbers);
      else if (part === "\n") this.#row++;
      else if (part === "\r") this.#column = 0;
      else if (part === "\b") this.#column = Math.max(0, this.#column - 1);
      else if (part === "\u0007") continue;
      else this.#put(part);
      while (this.rows.length <= this.#row) this.rows.push([]);
    }
  }

  /** The lines that stand there, without styles. */
  get text(): string {
    const lines = this.rows.map((row) => row.map(({ character }) => character).join(""));
    return lines.join("\n").replace(/\n+$/, "\n").replace(/^\n$/, "");
  }

  #put(character: string): void {
    const row = this.rows[this.#row]!;
    while (row.length < this.#column) row.push(CLEAR);
    row[this.#column++] = { character, style: this.#style };
  }

  #control(letter: string, numbers: string): void {
    const count = Number(numbers || 1);
    const row = this.rows[this.#row]!;
    if (letter === "A") this.#row = Math.max(0, this.#row - count);
    else if (letter === "B") this.#row += count;
    else if (letter === "C") this.#column += count;
    else if (letter === "D") this.#column = Math.max(0, this.#column - count);
    else if (letter === "G") this.#column = count - 1;
    else if (letter === "K") row.splice(numbers === "2" ? 0 : this.#column);
    else if (letter === "J") {
      row.splice(this.#column);
      this.rows.splice(this.#row + 1);
    } else if (letter === "m") this.#style = styled(this.#style, numbers);
  }
}

/** The codes that hold after others: 0 ends all, 22 weight, 39 colour. */
function styled(style: readonly number[], numbers: string): readonly number[] {
  return numbers.split(";").reduce<readonly number[]>((before, text) => {
    const code = Number(text || 0);
    if (code === 0) return [];
    if (code === 22) return before.filter((one) => one !== 1 && one !== 2);
    return code === 39 ? before.filter((one) => one < 30) : [...before, code];
  }, style);
}
