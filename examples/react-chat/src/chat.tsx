import type { ReactNode } from "react";
import { Composer } from "./composer.tsx";
import { useGradio } from "./gradio.ts";
import { type Turn, useChat } from "./use-chat.ts";

export function Chat() {
  const gradio = useGradio();
  const { turns, phase, status, error, isPending, ask, retry, stop } = useChat();
  const notes = {
    idle: "",
    pending: status?.msg ?? "Waiting …",
    streaming: "Writing …",
    success: "",
    error: "",
    cancelled: "Stopped.",
  };
  return (
    <div className="scroller">
      <main className="chat" onKeyDown={({ key }) => key === "Escape" && isPending && stop()}>
        <h1>Chat</h1>
        <div className="log" role="log" aria-label="Conversation" aria-busy={isPending}>
          {turns.length === 0 && <p className="muted">Ask anything. The answer appears word by word.</p>}
          {turns.map((turn, index) => (
            <Exchange key={index} {...turn} isWriting={isPending && index === turns.length - 1} />
          ))}
          {error && (
            <Failure message={error.message}>
              <button onClick={retry}>Retry</button>
            </Failure>
          )}
          {gradio.error && !error && (
            <Failure message={gradio.error.message}>
              <button onClick={() => void gradio.reconnect()}>Connect again</button>
            </Failure>
          )}
        </div>
        <div className="dock">
          <Composer isPending={isPending} onSend={ask} onStop={stop} />
          <p className="status muted" role="status">
            {gradio.phase === "connecting" ? "Connecting …" : notes[phase]}
          </p>
        </div>
      </main>
    </div>
  );
}

function Exchange({ question, answer, isWriting }: Turn & { isWriting: boolean }) {
  return (
    <>
      <article className="question">
        <h2 className="visually-hidden">You</h2>
        <p>{question}</p>
      </article>
      <article className="answer" data-writing={isWriting}>
        <h2 className="visually-hidden">Answer</h2>
        <p>{answer}</p>
      </article>
    </>
  );
}

function Failure({ message, children }: { message: string; children: ReactNode }) {
  return (
    <div className="failure" role="alert">
      <p>{message}</p>
      {children}
    </div>
  );
}
