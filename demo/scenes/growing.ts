import { columns, Live } from "../screen.ts";
import { tame, wrap } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Shows the outputs of a generator as they are received. */
export const growing: Scene = {
  title: "Text that grows while the app writes it",
  code: ['for await (const text of client.submit("/write").values()) show(text);'],
  play: async ({ client }) => {
    const live = new Live();
    let last: string[] = [];
    for await (const text of client.submit("/write").values()) {
      last = wrap(tame(text), Math.min(columns(), 90) - 4).map((line) => `   ${line}`);
      live.draw(last);
      live.note(`   ${tame(text)} …`, 800);
    }
    live.end(last);
  },
};
