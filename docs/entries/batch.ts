export * from "@gradio-rx/batch";
export * from "@gradio-rx/batch/redis";
