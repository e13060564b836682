// The code that writes and reads relays, in one module that is loaded by `import()`.

export { readRelay } from "./decode.ts";
export { RelayWriter } from "./encode.ts";
