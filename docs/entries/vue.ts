export * from "@gradio-rx/vue";
