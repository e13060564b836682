export * from "@gradio-rx/node";
