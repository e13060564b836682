/**
 * The seam that a platform fills: bytes out, bytes in.
 *
 * A transport never retries, never times out, never looks at a status and knows nothing of Gradio.
 * It rejects with the platform's own error; the layer above makes that a typed one.
 */
export interface Transport {
  /**
   * Sends one request and resolves when the head of the answer has arrived; a web Response will do as an answer.
   *
   * @param request - complete: address, headers, body, and the signal that ends both head and body.
   */
  send(request: TransportRequest): Promise<TransportResponse>;

  /**
   * Sends files as `multipart/form-data`, one part of the same field for each file, with flat memory.
   *
   * It stands apart from `send` because a browser's fetch cannot tell how much of a body has left.
   *
   * @param upload - where to, with which headers, which files.
   * @param onProgress - called with the bytes of file content that have been handed to the network so far, the last time with all.
   */
  upload(upload: Upload, onProgress: (sent: number) => void): Promise<TransportResponse>;

  /**
   * Opens a WebSocket, which Gradio 3 wants; see {@link SocketRequest}. May be left out: apps of Gradio 3 cannot be called then.
   *
   * @returns what sends over it. It may be used from the first message on.
   */
  openSocket?(request: SocketRequest): Socket;

  /** Lets go of connections that were kept for later requests: the client has ended. May be left out. */
  close?(): void;
}

/** Header fields by name, in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;

/** One request: a POST where it has a body, else a GET. */
export interface TransportRequest {
  url: string;
  headers: HeaderFields;
  body?: string | undefined;
  /** Ends head and body. */
  signal: AbortSignal;
  /** Whether it asks a REST service, as the Hub is, for something short. Default `false`: it speaks an app's own protocol. */
  rest?: boolean;
  /** What an answer does that sends on; see `Request.redirect`. Default `"manual"`: it is the answer. */
  redirect?: "manual" | "follow" | "error";
  /** The request outlives the page that sent it, where the platform has pages. Default `false`. */
  keepalive?: boolean;
  /** The request is a mere courtesy: where the platform can tell, it must not keep the program alive. Default `false`. */
  background?: boolean;
}

/** The head of an answer, and the way to its body: what is needed of a web Response. */
export interface TransportResponse {
  readonly status: number;
  /** The address that answered; `""` where that is not known. */
  readonly url: string;
  /** `"opaqueredirect"` where the answer sends on, and the platform does not say where to. */
  readonly type?: string;
  readonly headers: Pick<Headers, "get" | "getSetCookie">;
  readonly body: ByteSource | null;
}

/** Bytes as they come, for one reader: what is needed of a web ReadableStream. */
export interface ByteSource {
  getReader(): ByteReader;
  /** Gives the bytes up that nobody reads. */
  cancel(): Promise<void>;
}

/** Reads bytes; fails with what the body fails with. */
export interface ByteReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** Gives up what has not been read. */
  cancel(): Promise<void>;
}

/** One WebSocket: where to, and who is told of what comes. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  url: URL;
  /** Sent where the platform can: pages send what their browser sends. */
  headers: HeaderFields;
  /** Closes the socket. */
  signal: AbortSignal;
  onMessage: (text: string) => void;
  /** Called once: the socket was closed, by either side, or could not be opened. `reason` has the platform's error, if any. */
  onClose: (code: number, reason: unknown) => void;
}

/** An open WebSocket; the signal of its request closes it. */
export interface Socket {
  send(text: string): void;
}

/** One upload of one or more files. */
export interface Upload {
  url: URL;
  headers: HeaderFields;
  /** The form's field name, the same for every file. */
  field: string;
  files: readonly UploadFile[];
  signal: AbortSignal;
}

/**
 * One file of an upload: its bytes, and the name that the form gives them. A stream gives its bytes once, and nobody knows
 * how many they are.
 */
export type UploadFile =
  | { name: string; blob: Blob }
  | { name: string; stream: ReadableStream<Uint8Array>; type: string };
