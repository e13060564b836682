import type { Connected } from "../adapters/adapter.ts";

/** Parameters of a sample. */
export interface Params {
  url: string;
  /** Folder for files; created and removed by the process that starts the sample. */
  folder: string;
  /** Number of calls. */
  calls: number;
  /** Number of outputs of a generator. */
  outputs: number;
  megabytes: number;
  /** Milliseconds by which each response is delayed. */
  delay: number;
  /** Whether the client emits the last output again when the call ends. */
  repeats: boolean;
}

/** Figures by name. */
export type Figures = Record<string, number>;

/** Measures one thing in a process of its own. */
export type Sample = (connect: () => Promise<Connected>, params: Params) => Promise<Figures>;
