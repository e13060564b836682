// #region chat
import { GradioProvider, useGradio, useJob } from "@gradio-rx/react";
import { type ReactNode, useState } from "react";

interface Message {
  from: "You" | "App";
  text: string;
}

export function Chat(): ReactNode {
  const gradio = useGradio();
  const { data, status, error, isPending, run, cancel } = useJob<string>("/chat");
  const [messages, setMessages] = useState<Message[]>([]);
  const [draft, setDraft] = useState("");
  const add = (from: Message["from"], text: string): void => setMessages((before) => [...before, { from, text }]);

  function send(): void {
    add("You", draft);
    setDraft("");
    void run({ message: draft }, { onResult: (text) => add("App", text) });
  }

  return (
    <form action={send}>
      {messages.map(({ from, text }, index) => (
        <p key={index}>
          {from}: {text}
        </p>
      ))}
      {isPending && <p>App: {data ?? status?.msg}</p>}
      {error && <p role="alert">{error.message}</p>}
      {gradio.error && (
        <p role="alert">
          {gradio.error.message}{" "}
          <button type="button" onClick={() => void gradio.reconnect()}>
            Connect again
          </button>
        </p>
      )}
      <input aria-label="Message" value={draft} onChange={(event) => setDraft(event.target.value)} />
      <button type="submit" disabled={isPending || draft === ""}>
        Send
      </button>
      <button type="button" disabled={!isPending} onClick={() => void cancel()}>
        Stop
      </button>
    </form>
  );
}

export function ChatPage({ app }: { app: string }): ReactNode {
  return (
    <GradioProvider app={app}>
      <Chat />
    </GradioProvider>
  );
}
// #endregion chat
