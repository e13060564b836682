import { useState } from "react";
import { type Message, useJob } from "./gradio.ts";

/** One question and its answer, which may be incomplete. */
export interface Turn {
  question: string;
  answer: string;
}

/** A conversation on one call at a time: the answer of the newest turn is the output of the call. */
export function useChat() {
  const [earlier, setEarlier] = useState<Turn[]>([]);
  const [question, setQuestion] = useState<string | null>(null);
  const { data: answer = "", phase, status, error, isPending, run, cancel } = useJob("/chat");
  const turns = question === null ? earlier : [...earlier, { question, answer }];

  function ask(next: string): void {
    setEarlier(turns);
    setQuestion(next);
    void run({ message: next, history: toMessages(turns) });
  }

  function retry(): void {
    if (question !== null) void run({ message: question, history: toMessages(earlier) });
  }

  return { turns, phase, status, error, isPending, ask, retry, stop: () => void cancel() };
}

function toMessages(turns: Turn[]): Message[] {
  return turns.flatMap(({ question, answer }): Message[] => [
    { role: "user", content: question },
    { role: "assistant", content: answer },
  ]);
}
