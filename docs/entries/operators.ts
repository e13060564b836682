export * from "@gradio-rx/web/operators";
