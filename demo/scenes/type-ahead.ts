import type { JobEvent } from "@gradio-rx/node";
import { concatMap, delay, finalize, from, lastValueFrom, type Observable, of, switchMap, tap } from "rxjs";
import { drawing, Live, paint } from "../screen.ts";
import { pad, stripControls } from "../text.ts";
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
  play: async ({ client, check }) => {
    const live = new Live();
    const all: Search[] = [];
    const redraw = (): void => live.draw([box(all.at(-1)!.text), ...all.map(line)]);
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
          unsubscribe: () => (one.state = "cancelled"),
        }),
        finalize(() => {
          redraw();
          live.note(line(one), 0);
        }),
      );
    };
    const keys$ = from(KEYSTROKES).pipe(concatMap(({ text, rest }) => of(text).pipe(delay(rest))));
    await lastValueFrom(keys$.pipe(switchMap(search)));
    live.end(drawing ? all.map(line) : []);

    const { started, cancelled, finished } = (await client.predict("/record")).searches;
    const kept = all.filter(({ state }) => state === "finished").length;
    const never = all.length - started;
    const record =
      `The server's own record: ${started} searches started, ${cancelled} cancelled, ${finished} ran to their end` +
      (never > 0 ? ` (${never} were cancelled before they started).` : ".");
    check(finished === kept && cancelled === started - finished && never >= 0, record, record);
  },
};

const SIGNS = { searching: "…", cancelled: "✗", finished: "✓" } as const;
const COLOURS = { searching: "yellow", cancelled: "dim", finished: "green" } as const;

function box(text: string): string {
  return `   ${paint("dim", "search:")} ${stripControls(text)}${paint("inverse", " ")}`;
}

function line({ text, state, found }: Search): string {
  let result = "";
  if (found.length > 0)
    result = state === "cancelled" ? ` (${found.length} found by then)` : `: ${found.map(stripControls).join(", ")}`;
  return `   ${pad(stripControls(text), 6)}${paint(COLOURS[state], `${SIGNS[state]} ${state}${result}`)}`;
}
