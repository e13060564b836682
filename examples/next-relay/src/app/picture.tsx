"use client";

import { createGradio } from "@gradio-rx/react";
import type { FileData, FileInput } from "@gradio-rx/web";
import type { ChangeEvent } from "react";

const { GradioProvider, useJob } = createGradio<{ "/grey": { input: { image: FileInput }; output: FileData } }>();

/** A picture without its colours, by the proxy: the page talks to the app as usual, and has no token. */
export function Picture() {
  return (
    <GradioProvider app="pictures" options={{ proxy: "/api/gradio" }}>
      <Upload />
    </GradioProvider>
  );
}

function Upload() {
  const { data, phase, status, progress, error, isPending, run } = useJob("/grey");
  const notes = {
    idle: "",
    pending: status?.msg ?? "Waiting …",
    streaming: "",
    success: "Done.",
    error: "",
    cancelled: "Stopped.",
  };

  function choose(event: ChangeEvent<HTMLInputElement>): void {
    const [image] = event.target.files ?? [];
    event.target.value = ""; // the same file can be chosen again
    if (image !== undefined) void run({ image });
  }

  return (
    <section aria-labelledby="picture">
      <h2 id="picture">Picture</h2>
      <p className="muted">A proxy in a route handler. The page uses the client, and the server adds the token.</p>
      <label className="button">
        Choose a picture
        <input className="visually-hidden" type="file" accept="image/*" onChange={choose} />
      </label>
      <p className="muted status" role="status">
        {notes[phase]}
      </p>
      <progress className={isPending ? "" : "unused"} max={1} value={progress ?? 0} aria-label="Progress" />
      {error && (
        <p className="failure" role="alert">
          {error.message}
        </p>
      )}
      <div className="frame">{data?.url && <img src={data.url} alt="The picture without its colours" />}</div>
    </section>
  );
}
