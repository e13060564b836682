export * from "@gradio-rx/core";
export { Client } from "./client.ts";
export { nodeTransport } from "./transport.ts";
