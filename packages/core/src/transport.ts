/**
 * The seam that a platform fills: bytes out, bytes in.
 *
 * A transport never retries, never times out, never looks at a status and knows nothing of Gradio.
 * It rejects with the platform's own error; the layer above makes that a typed one.
 */
export interface Transport {
  /**
   * Sends one request and resolves when the head of the answer has arrived; the body is a web stream.
   *
   * @param request - complete: address, headers, body, and the signal that ends both head and body.
   * @param options - see {@link FetchOptions}.
   */
  fetch(request: Request, options?: FetchOptions): Promise<Response>;

  /**
   * Sends files as `multipart/form-data`, one part of the same field for each file, with flat memory.
   *
   * It stands apart from `fetch` because a browser's fetch cannot tell how much of a body has left.
   *
   * @param upload - where to, with which headers, which files.
   * @param onProgress - called with the bytes of file content that have been handed to the network so far, the last time with all.
   */
  upload(upload: Upload, onProgress: (sent: number) => void): Promise<Response>;

  /**
   * Opens a WebSocket, which Gradio 3 wants; see {@link SocketRequest}. May be left out: apps of Gradio 3 cannot be called then.
   *
   * @returns what sends over it. It may be used from the first message on.
   */
  openSocket?(request: SocketRequest): Socket;
}

/** What a transport may do differently for one request. */
export interface FetchOptions {
  /** The request is a mere courtesy: where the platform can tell, it must not keep the program alive. Default `false`. */
  background?: boolean;
  /**
   * The request's body, once more, where it is text. Who can send texts need not read the request's stream: on some platforms that
   * costs more than the request.
   */
  body?: string;
}

/** One WebSocket: where to, and who is told of what comes. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  url: URL;
  /** Sent where the platform can: pages send what their browser sends. */
  headers: Headers;
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
  headers: Headers;
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
