import { createGradio } from "@gradio-rx/react";

/** One message of a conversation, in the format of Gradio's chatbot. */
export interface Message {
  role: "user" | "assistant";
  content: string;
}

type Api = {
  "/chat": { input: { message: string; history: Message[] }; output: string };
};

export const { GradioProvider, useGradio, useJob } = createGradio<Api>();
