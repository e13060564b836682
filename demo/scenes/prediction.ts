import { print } from "../screen.ts";
import { tame } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Shows a call and its result. */
export const prediction: Scene = {
  title: "Ask, and get an answer",
  code: ['const text = await client.predict("/greet", { name: "Ada" });'],
  play: async ({ client }) => {
    const text = await client.predict("/greet", { name: "Ada" });
    print(`   ${tame(text)}`);
  },
};
