import { columns, Live } from "../screen.ts";
import { stripControls, wrap } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Shows the outputs of a generator as they are received. */
export const growing: Scene = {
  title: "Streaming outputs",
  code: ['for await (const text of client.submit("/write").values()) show(text);'],
  play: async ({ client }) => {
    const live = new Live();
    let last: string[] = [];
    for await (const text of client.submit("/write").values()) {
      last = wrap(stripControls(text), Math.min(columns(), 90) - 4).map((line) => `   ${line}`);
      live.draw(last);
      live.note(`   ${stripControls(text)} …`, 800);
    }
    live.end(last);
  },
};
