export { gradioProxy, type RequestHandler } from "./proxy/handler.ts";
export { type NodeListener, toNodeListener } from "./proxy/node-listener.ts";
export type { GradioProxyOptions, ProxiedApp, ProxyToken } from "./proxy/options.ts";
