export * from "@gradio-rx/web/platform";
