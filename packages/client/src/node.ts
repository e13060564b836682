export * from "@gradio-rx/core";
export {
  Client,
  handleFile,
  lazyClient,
  type NodeConnectOptions,
  type NodeForkOptions,
  nodeTransport,
} from "@gradio-rx/node";
