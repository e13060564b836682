import type { Client } from "@gradio-rx/client";
import { outputs } from "@gradio-rx/client/operators";
import { type Observable, race } from "rxjs";

/**
 * Calls the same endpoint of several apps, for example of a Space and its copies. `race` keeps the first one that emits an output, and
 * unsubscribes from the others, which cancels them at their apps.
 */
export function fastest(clients: readonly Client[], endpoint: string, data: readonly unknown[]): Observable<string> {
  return race(clients.map((client) => client.observe<string>(endpoint, data).pipe(outputs())));
}
