import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat } from "./chat.tsx";
import "./chat.css";
import { GradioProvider } from "./gradio.ts";

createRoot(document.querySelector("#root")!).render(
  <StrictMode>
    <GradioProvider app={import.meta.env.VITE_GRADIO_APP}>
      <Chat />
    </GradioProvider>
  </StrictMode>,
);
