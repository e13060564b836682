export { Batch, type BatchTotals, openBatch, runBatch, type StopOptions } from "./batch.ts";
export type { AppState } from "./copies/copy.ts";
export type { BatchFiles, SaveDetails } from "./files.ts";
export { keyOf } from "./key.ts";
export type { BatchApp, BatchOptions, WorkerOptions } from "./options.ts";
export type { BatchProgress } from "./progress.ts";
export type { BatchRecord, FailureRecord, StoredRecord, SuccessRecord } from "./records.ts";
export type { ExportFiles } from "./results.ts";
export type { BatchInputs } from "./run/feeder.ts";
export { fileStore } from "./store/file-store.ts";
// For stores of your own, and because the types of the entry for Redis share them.
export type {
  Asked,
  Consumer,
  ConsumerOptions,
  Counts,
  Handle,
  Handled,
  OpenStore,
  Placed,
  Rules,
  Store,
  StoreOptions,
  Task,
  Tries,
} from "./store/store.ts";
export { BatchWorker, createWorker } from "./worker.ts";
