"use client";

import { useJob } from "@gradio-rx/react";
import { Job } from "@gradio-rx/web";

/** Sends a message to the route handler, which relays the call. */
function ask(message: string, { signal }: { signal: AbortSignal }): Job<string> {
  const body = JSON.stringify({ message });
  const headers = { "content-type": "application/json" };
  return Job.fromResponse<string>(fetch("/api/chat", { method: "POST", headers, body, signal }));
}

/** An answer that grows, by a route handler. */
export function Chat() {
  const { data, phase, status, error, isPending, run, cancel } = useJob({ start: ask });
  const notes = {
    idle: "",
    pending: status?.msg ?? "Waiting …",
    streaming: "Writing …",
    success: "Done.",
    error: "",
    cancelled: "Stopped.",
  };
  return (
    <section aria-labelledby="chat">
      <h2 id="chat">Question</h2>
      <p className="muted">A route handler, which relays the call to the page.</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const message = new FormData(event.currentTarget).get("message");
          if (typeof message === "string" && !isPending) void run(message);
        }}
      >
        <input name="message" aria-label="Message" defaultValue="How does this page work?" maxLength={4_000} required />
        {isPending ? (
          <button key="stop" type="button" onClick={() => void cancel()}>
            Stop
          </button>
        ) : (
          <button key="ask">Ask</button>
        )}
      </form>
      <p className="muted status" role="status">
        {notes[phase]}
      </p>
      {error && (
        <p className="failure" role="alert">
          {error.message}
        </p>
      )}
      <p className="room answer" aria-live="polite" aria-busy={isPending}>
        {data}
      </p>
    </section>
  );
}
