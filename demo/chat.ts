import { setTimeout as sleep } from "node:timers/promises";
import { AppFailure, type CallContext, endpoint, type EndpointValue, json, textbox } from "@gradio-rx/testing";
import type { ChatMessage, ServerRecord } from "./api.ts";

/** Number of words after which a message that contains "fail" fails. */
const WORDS_BEFORE_FAILURE = 12;

/**
 * Makes the endpoint `/chat`, the equivalent of `chat` in app.py.
 *
 * @param chats - counts of the server, which the endpoint updates.
 */
export function chat(chats: ServerRecord["chats"]): EndpointValue {
  const failed = new Set<string>();
  return endpoint({
    inputs: [textbox("message"), json("history")],
    outputs: [textbox("answer")],
    concurrencyLimit: 4,
    description: 'Answers a message word by word. A message that contains "fail" fails the first time.',
    fn: async function* (message: string, history: ChatMessage[] | null, { signal }: CallContext) {
      chats.started += 1;
      let end: "cancelled" | "failed" | "finished" = "cancelled";
      try {
        const words = answer(message, history ?? []).split(" ");
        for (let count = 1; count <= words.length; count += 1) {
          await sleep(60, undefined, { signal });
          if (count === WORDS_BEFORE_FAILURE && message.includes("fail") && !failed.has(message)) {
            failed.add(message);
            end = "failed";
            throw new AppFailure("The model ran out of memory.", { title: "Out of memory" });
          }
          yield words.slice(0, count).join(" ");
        }
        end = "finished";
      } finally {
        chats[end] += 1;
      }
    },
  });
}

/** Returns the whole answer to a message. */
function answer(message: string, history: readonly ChatMessage[]): string {
  const questions = history.filter(({ role }) => role === "user").length;
  return (
    `This is answer ${questions + 1} of our conversation. You wrote “${message}”. I am an example, so I say the same each ` +
    "time.\n\nThe words arrive one by one, and the page shows each of them at once. Press Stop, and the app stops in the " +
    "middle of a sentence. Write a message that contains the word “fail” to see an error."
  );
}
