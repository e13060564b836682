// For adapters with another interface than that of `Client`: `@gradio-rx/core/raw`.
export { type RawCall, type RawEndpoint, type RawMessage, type RawRun } from "./raw-call.ts";
export { RawApp, type RawRequest } from "./raw-app.ts";
export { listed } from "../fields.ts";
