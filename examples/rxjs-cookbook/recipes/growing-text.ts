import type { Client } from "@gradio-rx/client";
import { auditFrame, outputs } from "@gradio-rx/client/operators";
import type { Observable } from "rxjs";

/**
 * Emits a text that the app writes word by word. `auditFrame` emits the newest value at most once per frame of the screen, so that a
 * fast app does not render a page more often than it is shown.
 */
export function growingText(client: Client): Observable<string> {
  return client.observe<string>("/write").pipe(outputs(), auditFrame());
}
