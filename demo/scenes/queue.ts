import type { Job } from "@gradio-rx/client";
import { debounceTime, lastValueFrom, merge, tap } from "rxjs";
import { duration } from "../duration.ts";
import type { Row } from "../screen.ts";
import type { Scene } from "./scene.ts";

const DRINKS = ["tea", "coffee", "cocoa", "lemonade"];

/** Shows several calls of an endpoint that runs one call at a time. */
export const queue: Scene = {
  title: "The queue: four calls of an endpoint that runs one at a time",
  code: [
    'jobs.push(client.submit("/brew", [drink])); // one call per drink',
    "merge(...jobs.map((job) => job.status$)).subscribe(() => drawTable(jobs));",
  ],
  room: { wide: 4, narrow: 4 },
  play: async ({ client, screen, wait }) => {
    const start = Date.now();
    const jobs: Job<string>[] = [];
    for (const drink of DRINKS) {
      jobs.push(client.submit("/brew", [drink]));
      await wait(40);
    }
    const live = screen.live();
    const redraw = (): void => live.rows(jobs.map((job, at) => row(DRINKS[at]!, job, start)));
    await lastValueFrom(merge(...jobs.map((job) => job.status$)).pipe(debounceTime(50), tap(redraw)));
    live.end();
  },
};

function row(label: string, job: Job<string>, start: number): Row {
  const { stage, msg, time } = job.status();
  if (stage === "complete")
    return { label, state: "finished", text: `served after ${duration(time.getTime() - start)}` };
  if (stage === "queued" || stage === "starting") return { label, state: "waiting", text: msg };
  return { label, state: "running", text: "being made" };
}
