export * from "@gradio-rx/core";
export { Client } from "./client.ts";
export { handleFile } from "./files.ts";
export { nodeTransport } from "./transport.ts";
