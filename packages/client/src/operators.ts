export * from "@gradio-rx/core/operators";
