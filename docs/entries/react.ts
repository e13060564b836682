export * from "@gradio-rx/react";
