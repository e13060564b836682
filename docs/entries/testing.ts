export * from "@gradio-rx/testing";
