import type { Client } from "@gradio-rx/client";
import { progress } from "@gradio-rx/client/operators";
import { combineLatest, distinctUntilChanged, map, type Observable, startWith } from "rxjs";

/**
 * Trains several models. Emits the progress of all of them together, from 0 to 1.
 *
 * @param epochs - number of epochs of each model.
 */
export function totalProgress(client: Client, epochs: readonly number[]): Observable<number> {
  const each = epochs.map((count) => client.observe("/train", [count]).pipe(progress(), startWith(0)));
  return combineLatest(each).pipe(
    map((shares) => shares.reduce((sum, share) => sum + share, 0) / shares.length),
    distinctUntilChanged(),
  );
}
