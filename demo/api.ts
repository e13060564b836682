import type { FileData, FileInput } from "@gradio-rx/client";

/** Counts of the server for the endpoints that are cancelled. */
export interface ServerRecord {
  counting: { reached: number; stopped: boolean };
  searches: { started: number; cancelled: number; finished: number };
  chats: { started: number; cancelled: number; failed: number; finished: number };
  pictures: { started: number; cancelled: number; finished: number };
}

/** One message of a conversation. */
export interface ChatMessage {
  role: "user" | "assistant";
  content: string;
}

/** Types of the demo's endpoints. With them, `client.predict("/greet", …)` has typed parameters and results. */
export type DemoApi = {
  "/greet": { input: { name?: string }; args: [name?: string]; output: string };
  "/write": { input: Record<string, never>; args: []; output: string };
  "/train": { input: { epochs?: number }; args: [epochs?: number]; output: string };
  "/brew": { input: { drink: string }; args: [drink: string]; output: string };
  "/count": { input: Record<string, never>; args: []; output: number };
  "/divide": { input: { number: number; by: number }; args: [number: number, by: number]; output: number };
  "/search": { input: { query: string }; args: [query: string]; output: string[] };
  "/chat": {
    input: { message: string; history: ChatMessage[] };
    args: [message: string, history: ChatMessage[]];
    output: string;
  };
  "/grey": { input: { image: FileInput }; args: [image: FileInput]; output: FileData };
  "/note": { input: { text: string }; args: [text: string]; output: string[] };
  "/record": { input: Record<string, never>; args: []; output: ServerRecord };
};
