import type { Scene } from "./scene.ts";

/** Shows progress bars and log messages of the app. */
export const progress: Scene = {
  title: "Nested progress bars, and log messages of the app",
  code: [
    'const job = client.submit("/train", { epochs: 3 });',
    'job.on("status", ({ progressData }) => drawBars(progressData));',
    'job.on("log", ({ log }) => show(log));',
  ],
  room: { wide: 5, narrow: 5 },
  play: async ({ client, screen }) => {
    const live = screen.live();
    const job = client.submit("/train", { epochs: 3 });
    job.on("status", ({ progressData }) => progressData && live.bars(progressData));
    job.on("log", (event) => screen.log(event));
    live.text(await job.result(), "good");
    live.end();
  },
};
