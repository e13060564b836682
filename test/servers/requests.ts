import { getEventListeners } from "node:events";
import type { TransportResponse } from "../../packages/core/src/transport.ts";
import { Sender } from "../../packages/node/src/transport.ts";

/** Sends the requests of a spec. */
export const sender: Sender = new Sender();
/** Signal of requests that are not aborted. */
export const { signal } = new AbortController();

/** Sends a request; a POST if it has a body. */
export const get = (
  url: string,
  more: { body?: string | undefined; signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<TransportResponse> => sender.send({ url, headers: {}, signal, ...more });

/** Reads the body of a response; returns its text, and the error of reading if it fails. */
export async function read({ body }: TransportResponse): Promise<{ text: string; error?: unknown }> {
  const reader = body!.getReader();
  const decoder = new TextDecoder("latin1");
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text };
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    return { text, error };
  }
}

/** Number of listeners for the `abort` event. */
export const listeners = (of: AbortSignal): number => getEventListeners(of, "abort").length;
