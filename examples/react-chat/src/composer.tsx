import { type KeyboardEvent, type SubmitEvent, useState } from "react";

interface ComposerProps {
  isPending: boolean;
  onSend: (message: string) => void;
  onStop: () => void;
}

/** A box for a message. Enter sends it, and Shift+Enter starts a line. */
export function Composer({ isPending, onSend, onStop }: ComposerProps) {
  const [text, setText] = useState("");
  const message = text.trim();

  function send(event: SubmitEvent): void {
    event.preventDefault();
    if (message === "" || isPending) return;
    onSend(message);
    setText("");
  }

  function sendOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // Enter also ends the input of a composed character.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  }

  return (
    <form className="composer" onSubmit={send}>
      <textarea
        aria-label="Message"
        placeholder="Message"
        rows={1}
        autoFocus
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      {isPending ? (
        <button key="stop" type="button" onClick={onStop} aria-keyshortcuts="Escape">
          Stop
        </button>
      ) : (
        <button key="send" disabled={message === ""}>
          Send
        </button>
      )}
    </form>
  );
}
