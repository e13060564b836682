import { duration } from "../duration.ts";
import type { Scene } from "./scene.ts";

/** Cancels a generator that runs until it is stopped. */
export const cancel: Scene = {
  title: "Cancelling on the server",
  code: ['const job = client.submit("/count");', "await job.cancel();"],
  room: { wide: 4, narrow: 5 },
  play: async ({ client, screen, wait, check }) => {
    const live = screen.live();
    const job = client.submit("/count");
    let line = "The app counts:";
    for await (const number of job.values()) {
      line += ` ${number}`;
      live.text(line);
      if (number === 10) break; // leaving the loop does not cancel
    }
    const start = performance.now();
    await job.cancel();
    live.end();
    screen.print(`cancelled: the app answered after ${duration(performance.now() - start)}`, "busy");

    const first = await client.predict("/record");
    await wait(1_000);
    const second = await client.predict("/record");
    const { reached, stopped } = second.counting;
    check(
      stopped && reached === first.counting.reached,
      `Counts of the server: stopped at ${reached}, and still at ${reached} one second later.`,
      `Counts of the server: it continued from ${first.counting.reached} to ${reached}.`,
    );
  },
};
