export * from "@gradio-rx/core/query";
