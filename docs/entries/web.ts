export * from "@gradio-rx/web";
