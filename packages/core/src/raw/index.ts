// For adapters with another interface than that of `Client`: `@gradio-rx/core/raw`.
export { type RawCall, type RawMessage, type RawRun } from "./raw-call.ts";
export { type RawEndpoint, RawApp, type RawRequest } from "./raw-app.ts";
export type { WireFile } from "../data/dialect.ts";
export type { FileStream } from "../data/files.ts";
