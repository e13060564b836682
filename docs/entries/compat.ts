export * from "@gradio-rx/compat";
