import type { JobEvent } from "@gradio-rx/client";
import { concatMap, delay, finalize, from, lastValueFrom, type Observable, of, switchMap, tap } from "rxjs";
import type { Row } from "../screen.ts";
import type { Scene } from "./scene.ts";

/** Text in the box after each key, and the pause before the key. */
const KEYSTROKES = [
  { text: "b", rest: 0 },
  { text: "bl", rest: 300 },
  { text: "blu", rest: 300 },
  { text: "blue", rest: 300 },
  { text: "blu", rest: 1_700 },
  { text: "bl", rest: 300 },
  { text: "bla", rest: 300 },
  { text: "blac", rest: 300 },
];

interface Search {
  text: string;
  state: "searching" | "cancelled" | "finished";
  found: readonly string[];
}

/** Starts a search with each key and cancels the one before. */
export const typeAhead: Scene = {
  title: "RxJS: a search with each key that cancels the one before",
  code: ["keys$.pipe(", '  switchMap((text) => client.observe("/search", [text])),', ").subscribe(show);"],
  room: { wide: 11, narrow: 11 },
  play: async ({ client, screen, check }) => {
    const before = (await client.predict("/record")).searches;
    const live = screen.live();
    const all: Search[] = [];
    const redraw = (): void => live.rows(all.map(row), all.at(-1)!.text);
    const search = (text: string): Observable<JobEvent<string[]>> => {
      const one: Search = { text, state: "searching", found: [] };
      all.push(one);
      redraw();
      return client.observe("/search", [text]).pipe(
        tap({
          next: (event) => {
            if (event.type === "data") one.found = event.data;
            redraw();
          },
          complete: () => (one.state = "finished"),
          error: () => (one.state = "cancelled"),
          unsubscribe: () => (one.state = "cancelled"),
        }),
        finalize(redraw),
      );
    };
    const keys$ = from(KEYSTROKES).pipe(concatMap(({ text, rest }) => of(text).pipe(delay(rest))));
    await lastValueFrom(keys$.pipe(switchMap(search)));
    live.end();

    const after = (await client.predict("/record")).searches;
    const started = after.started - before.started;
    const cancelled = after.cancelled - before.cancelled;
    const finished = after.finished - before.finished;
    const kept = all.filter(({ state }) => state === "finished").length;
    const never = all.length - started;
    const record =
      `The server's own record: ${started} searches started, ${cancelled} cancelled, ${finished} ran to their end` +
      (never > 0 ? ` (${never} were cancelled before they started).` : ".");
    check(finished === kept && cancelled === started - finished && never >= 0, record, record);
  },
};

function row({ text, state, found }: Search): Row {
  let result = "";
  if (found.length > 0) result = state === "cancelled" ? ` (${found.length} found)` : `: ${found.join(", ")}`;
  return { label: text, state: state === "searching" ? "running" : state, text: state + result };
}
