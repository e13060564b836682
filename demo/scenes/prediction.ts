import type { Scene } from "./scene.ts";

/** Shows a call and its result. */
export const prediction: Scene = {
  title: "A call and its result",
  code: ['const text = await client.predict("/greet", { name: "Ada" });'],
  room: { wide: 1, narrow: 2 },
  play: async ({ client, screen }) => {
    screen.print(await client.predict("/greet", { name: "Ada" }));
  },
};
