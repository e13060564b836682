import type { Scene } from "./scene.ts";

/** Sends a picture, and shows the picture that the app returns. */
export const picture: Scene = {
  title: "Files: a picture is sent, and returned without its colours",
  code: [
    'const job = client.submit("/grey", { image: file });',
    'job.on("status", ({ progressData }) => drawBars(progressData));',
    "show((await job.result()).url);",
  ],
  room: { wide: 9, narrow: 8 },
  play: async ({ client, screen, loadPicture }) => {
    const image = await loadPicture();
    screen.picture(image, "Sent");
    const live = screen.live();
    const job = client.submit("/grey", { image });
    job.on("status", ({ progressData }) => progressData && live.bars(progressData));
    const returned = await job.result();
    live.text("The app has removed the colours.", "good");
    live.end();
    screen.picture(returned, "Returned");
  },
};
