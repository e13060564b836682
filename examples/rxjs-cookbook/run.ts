import { Client } from "@gradio-rx/client";
import { concatMap, delay, from, lastValueFrom, of, tap, timer } from "rxjs";
import type { Example } from "../main.ts";
import { greetAll } from "./recipes/at-most.ts";
import { fastest } from "./recipes/fastest.ts";
import { growingText } from "./recipes/growing-text.ts";
import { greetReliably } from "./recipes/retries.ts";
import { countUntil } from "./recipes/stop.ts";
import { totalProgress } from "./recipes/total-progress.ts";
import { typeAhead } from "./recipes/type-ahead.ts";

/** Runs the recipes one after the other. */
export const run: Example = async (url, print) => {
  const client = await Client.connect(url);
  const copy = await Client.connect(url);
  try {
    print("Type-ahead: the search for “b” is cancelled, the one for “blu” runs to its end");
    const keys$ = from(["b", "bl", "blu"]).pipe(concatMap((text) => of(text).pipe(delay(text === "bl" ? 400 : 60))));
    await lastValueFrom(typeAhead(client, keys$).pipe(tap((found) => print(`  ${found.join(", ") || "…"}`))));

    print("Race: the first of two apps that answers");
    print(`  ${await lastValueFrom(fastest([client, copy], "/greet", ["Ada"]))}`);

    print("Progress of two trainings together");
    let last = -1;
    const onShare = (share: number): void => {
      const tenths = Math.floor(share * 10);
      if (tenths > last) print(`  ${"█".repeat((last = tenths))}${"░".repeat(10 - tenths)}`);
    };
    await lastValueFrom(totalProgress(client, [1, 1]).pipe(tap(onShare)));

    print("A text at the pace of the screen");
    print(`  ${await lastValueFrom(growingText(client))}`);

    print("Stop: the app counts for one second");
    print(`  ${await lastValueFrom(countUntil(client, timer(1_000)))}`);

    print("At most two calls at a time");
    await lastValueFrom(greetAll(client, ["Ada", "Grace", "Alan"], 2).pipe(tap(({ text }) => print(`  ${text}`))));

    print("Retries");
    print(`  ${await lastValueFrom(greetReliably(client, "Edsger"))}`);
  } finally {
    await Promise.all([client.close(), copy.close()]);
  }
};
