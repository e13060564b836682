import { drawBars, tellBars } from "../bars.ts";
import { columns, Live, paint } from "../screen.ts";
import { formatLog } from "../format.ts";
import { stripControls } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Shows progress bars and log messages of the app. */
export const progress: Scene = {
  title: "Nested progress bars, and log messages of the app",
  code: [
    'const job = client.submit("/train", { epochs: 3 });',
    'job.on("status", ({ progressData }) => drawBars(progressData));',
    'job.on("log", ({ log }) => show(log));',
  ],
  play: async ({ client }) => {
    const live = new Live();
    const job = client.submit("/train", { epochs: 3 });
    job.on("status", ({ progressData }) => {
      if (progressData === null) return;
      live.draw(drawBars(progressData, columns()));
      live.note(`   ${tellBars(progressData)}`);
    });
    job.on("log", (event) => live.print(formatLog(event)));
    const outcome = await job.result();
    live.end([`   ${paint("green", stripControls(outcome))}`]);
  },
};
