/** An adapter: one way to call the app. All adapters are measured with the same samples. */
export interface Adapter {
  connect: (url: string) => Promise<Connected>;
}

/** A connected client. */
export interface Connected {
  /** Returns the first output of a call. */
  predict(endpoint: string, data: readonly unknown[]): Promise<unknown>;
  /** Calls `onValue` with each output of a call; resolves when the call has ended, with the job where the client has one. */
  stream(endpoint: string, data: readonly unknown[], onValue: (value: unknown) => void): Promise<unknown>;
  /** Uploads a file from disk in a call of `/take`; resolves with the result of the call. */
  upload(path: string): Promise<unknown>;
  /** Calls `/give` and writes its file into a folder; resolves with the path. */
  download(folder: string): Promise<string>;
  /** Closes the client. */
  close(): Promise<void>;
}

/**
 * Names of the adapters. `ours` reads streams with `for await`; the other adapters of this SDK read them in other ways. `floor`
 * is the hand-written minimum, `dutiful` the minimum with the SDK's duties, `js` and `py` are the official clients.
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
