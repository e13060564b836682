export * from "@gradio-rx/core/platform";
export { webTransport, type WebTransportOptions } from "@gradio-rx/web/platform";
