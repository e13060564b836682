export * from "@gradio-rx/web/query";
