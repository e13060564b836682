import type { Client } from "@gradio-rx/client";
import { outputs } from "@gradio-rx/client/operators";
import { type Observable, takeUntil } from "rxjs";

/**
 * Counts until the stop button is pressed. `takeUntil` unsubscribes, which cancels the call at the app.
 *
 * @param stop$ - clicks of the button.
 */
export function countUntil(client: Client, stop$: Observable<unknown>): Observable<number> {
  return client.observe<number>("/count").pipe(outputs(), takeUntil(stop$));
}
