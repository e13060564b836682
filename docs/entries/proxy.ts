export * from "@gradio-rx/node/proxy";
