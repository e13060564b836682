"use client";

import { useActionState } from "react";
import { addNote, type NotesState } from "./actions";

const empty: NotesState = { notes: [] };

/** Notes by a server action. The app keeps them in the session of the visitor. */
export function Notes() {
  const [{ notes, error }, add, isPending] = useActionState(addNote, empty);
  return (
    <section aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      <p className="muted">A server action. The app keeps the notes of each visitor in a session.</p>
      <form action={add}>
        <input name="text" aria-label="Note" placeholder="Note" maxLength={200} required autoComplete="off" />
        <button aria-disabled={isPending}>Add</button>
      </form>
      {error && (
        <p className="failure" role="alert">
          {error}
        </p>
      )}
      <ol className="room" aria-label="Your notes" aria-live="polite" aria-busy={isPending}>
        {notes.map((note, index) => (
          <li key={index}>{note}</li>
        ))}
      </ol>
    </section>
  );
}
