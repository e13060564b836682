export * from "@gradio-rx/core";
export { Client, type WebConnectOptions } from "./client.ts";
export { lazyClient } from "./lazy-client.ts";
