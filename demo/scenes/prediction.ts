import { print } from "../screen.ts";
import { stripControls } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Shows a call and its result. */
export const prediction: Scene = {
  title: "A call and its result",
  code: ['const text = await client.predict("/greet", { name: "Ada" });'],
  play: async ({ client }) => {
    const text = await client.predict("/greet", { name: "Ada" });
    print(`   ${stripControls(text)}`);
  },
};
