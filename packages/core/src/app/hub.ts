// The part of the SDK that only Spaces need, in one module that is loaded by `import()`.

export { duplicateSpace } from "./duplicate.ts";
export { locateSpace } from "./locate-space.ts";
