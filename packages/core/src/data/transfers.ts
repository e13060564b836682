// The part of the SDK that only calls with files need, in one module that is loaded on demand.

export { fitFiles } from "./file-arguments.ts";
export { outputFiles, readFile } from "./read.ts";
export { uploadAll, uploadFiles } from "./uploads.ts";
