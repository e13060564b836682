export * from "@gradio-rx/core";
export {
  Client,
  type DownloadFilesOptions,
  lazyClient,
  type NodeConnectOptions,
  type NodeForkOptions,
} from "./client.ts";
export { handleFile } from "./files.ts";
export { nodeTransport } from "./transport.ts";
