export * from "@gradio-rx/core/controller";
