/** One way to call the app, so that all are measured by the same samples. */
export interface Adapter {
  connect: (url: string) => Promise<Connected>;
}

/** A client that is connected. */
export interface Connected {
  /** The first output of a call. */
  predict(endpoint: string, data: readonly unknown[]): Promise<unknown>;
  /** Each output of a call as it comes; resolves when the call has ended. */
  stream(endpoint: string, data: readonly unknown[], onValue: (value: unknown) => void): Promise<void>;
  /** Sends a file from disk into a call of `/take`; resolves with what the call said. */
  upload(path: string): Promise<unknown>;
  /** Calls `/give` and writes its file into a folder; resolves with the path. */
  download(folder: string): Promise<string>;
  /** Ends the client. */
  close(): Promise<void>;
}

/**
 * Who is measured: `ours` reads streams by `for await`, the others of ours through another door; `floor` is the hand-written
 * minimum, `dutiful` the same with the SDK's duties; `js` and `py` are the official clients.
 */
export const adapterNames = [
  "ours",
  "floor",
  "dutiful",
  "js",
  "py",
  "ours-values",
  "ours-callback",
  "ours-observe",
] as const;

/** Name of an adapter. */
export type AdapterName = (typeof adapterNames)[number];
