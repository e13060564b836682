import type { Client } from "@gradio-rx/client";
import { outputs } from "@gradio-rx/client/operators";
import { from, map, mergeMap, type Observable } from "rxjs";

/** A name, and the greeting of the app for it. */
export interface Greeting {
  name: string;
  text: string;
}

/** Calls an endpoint for each name, with at most `limit` calls at a time. Emits each greeting when it arrives. */
export function greetAll(client: Client, names: readonly string[], limit: number): Observable<Greeting> {
  return from(names).pipe(
    mergeMap(
      (name) =>
        client.observe<string>("/greet", [name]).pipe(
          outputs(),
          map((text) => ({ name, text })),
        ),
      limit,
    ),
  );
}
