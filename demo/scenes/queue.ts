import type { Job } from "@gradio-rx/node";
import { debounceTime, lastValueFrom, merge, tap } from "rxjs";
import { Live, paint } from "../screen.ts";
import { duration, pad } from "../text.ts";
import type { Scene } from "./scene.ts";

const DRINKS = ["tea", "coffee", "cocoa", "lemonade"];

/** Shows several calls of an endpoint that runs one call at a time. */
export const queue: Scene = {
  title: "The queue: four calls of an endpoint that runs one at a time",
  code: [
    'jobs.push(client.submit("/brew", [drink])); // one call per drink',
    "merge(...jobs.map((job) => job.status$)).subscribe(() => drawTable(jobs));",
  ],
  play: async ({ client, wait }) => {
    const live = new Live();
    const start = Date.now();
    const jobs: Job<string>[] = [];
    for (const drink of DRINKS) {
      jobs.push(client.submit("/brew", [drink]));
      await wait(40);
    }
    const table = (): string[] => jobs.map((job, at) => `   ${pad(DRINKS[at]!, 10)}${place(job, start)}`);
    const redraw = (): void => {
      live.draw(table());
      live.note(`   ${jobs.map((job, at) => `${DRINKS[at]}: ${brief(job)}`).join(" · ")}`, 0);
    };
    await lastValueFrom(merge(...jobs.map((job) => job.status$)).pipe(debounceTime(50), tap(redraw)));
    live.end(table());
  },
};

function place(job: Job<string>, start: number): string {
  const { stage, msg, time } = job.status();
  if (stage === "complete") return paint("green", `✓ served after ${duration(time.getTime() - start)}`);
  return stage === "queued" || stage === "starting" ? paint("dim", `· ${msg}`) : paint("yellow", "● being made");
}

function brief(job: Job<string>): string {
  const { stage, rank } = job.status();
  if (stage === "complete") return "served";
  if (stage === "starting") return "ordered";
  if (stage !== "queued") return "being made";
  return rank === 0 ? "next" : `${rank ?? "some"} before it`;
}
