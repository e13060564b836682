import type { Scene } from "./scene.ts";

/** Shows the outputs of a generator as they are received. */
export const growing: Scene = {
  title: "Streaming outputs",
  code: ['for await (const text of client.submit("/write").values()) show(text);'],
  room: { wide: 3, narrow: 4 },
  play: async ({ client, screen }) => {
    const live = screen.live();
    for await (const text of client.submit("/write").values()) live.text(text);
    live.end();
  },
};
