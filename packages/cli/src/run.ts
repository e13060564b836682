import type { Io } from "./io.ts";

/** Options that every command takes. */
export interface CommonOptions {
  token?: string;
  auth?: string;
  header?: readonly string[];
  timeout?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** One run of the program. */
export interface Run<Options extends CommonOptions = CommonOptions> {
  io: Io;
  /** Aborted when the program is to end, with the reason. */
  signal: AbortSignal;
  options: Options;
}
