import type { Client } from "@gradio-rx/client";
import { outputs, retryJob, type RetryJobOptions } from "@gradio-rx/client/operators";
import type { Observable } from "rxjs";

/**
 * Greets, and calls again after an error that allows it: the app cannot be reached, its queue is full, or it limits the rate of
 * requests. A call that the app may have run is not repeated.
 */
export function greetReliably(client: Client, name: string, options: RetryJobOptions = {}): Observable<string> {
  return client.observe<string>("/greet", [name]).pipe(retryJob({ count: 5, ...options }), outputs());
}
