import { Live, paint } from "../screen.ts";
import { duration } from "../text.ts";
import type { Scene } from "./scene.ts";

/** Cancels a generator that runs until it is stopped. */
export const cancel: Scene = {
  title: "Cancelling on the server",
  code: ['const job = client.submit("/count");', "await job.cancel();"],
  play: async ({ client, wait, check }) => {
    const live = new Live();
    const job = client.submit("/count");
    let line = "";
    for await (const number of job.values()) {
      line += ` ${number}`;
      live.draw([`   The app counts:${line} …`]);
      if (number === 10) break; // leaving the loop does not cancel
    }
    const start = performance.now();
    await job.cancel();
    const took = duration(performance.now() - start);
    live.end([`   The app counts:${line}`, `   ${paint("yellow", "cancelled")}: the app answered after ${took}`]);

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
