import { getEventListeners } from "node:events";
import type { TransportResponse } from "../../packages/core/src/transport.ts";
import { Sender } from "../../packages/node/src/sender.ts";

/** Sends the requests of a spec. */
export const sender: Sender = new Sender();
/** Of requests that nobody aborts. */
export const { signal } = new AbortController();

/** Sends a request; with a body it is a POST. */
export const get = (
  url: string,
  more: { body?: string | undefined; signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<TransportResponse> => sender.send({ url, headers: {}, signal, ...more });

/** What can be read of an answer, and what its reading fails with. */
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

/** How many wait for an abort. */
export const listeners = (of: AbortSignal): number => getEventListeners(of, "abort").length;
