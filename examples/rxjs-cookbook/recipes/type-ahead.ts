import type { Client } from "@gradio-rx/client";
import { outputs } from "@gradio-rx/client/operators";
import { debounceTime, distinctUntilChanged, type Observable, switchMap } from "rxjs";

/**
 * Searches while a person types. `switchMap` unsubscribes from the search of the former text, which cancels it at the app.
 *
 * @param texts$ - text of the input field after each key.
 */
export function typeAhead(client: Client, texts$: Observable<string>): Observable<string[]> {
  return texts$.pipe(
    debounceTime(150),
    distinctUntilChanged(),
    switchMap((text) => client.observe<string[]>("/search", [text]).pipe(outputs())),
  );
}
