export * from "@gradio-rx/core/platform";
export { nodeTransport } from "@gradio-rx/node";
