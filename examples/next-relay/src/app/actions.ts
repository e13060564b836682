"use server";

import { GradioError } from "@gradio-rx/node";
import { clientOfVisitor } from "../lib/visitors";

export interface NotesState {
  notes: string[];
  error?: string;
}

/** Adds a note to the session of the visitor; resolves with all notes of the session. */
export async function addNote(before: NotesState, form: FormData): Promise<NotesState> {
  const text = form.get("text");
  if (typeof text !== "string" || text.trim() === "") return before;
  try {
    const client = await clientOfVisitor();
    return { notes: await client.predict("/note", { text: text.slice(0, 200) }) };
  } catch (error) {
    if (error instanceof GradioError) return { notes: before.notes, error: error.message };
    throw error;
  }
}
