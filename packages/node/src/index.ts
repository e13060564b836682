export * from "@gradio-rx/core";
export { Client, type DownloadFilesOptions, type NodeConnectOptions } from "./client.ts";
export { handleFile } from "./files.ts";
export { nodeTransport } from "./transport.ts";
