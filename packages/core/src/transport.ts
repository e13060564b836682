/**
 * The interface between the SDK and a platform: sends bytes and receives bytes.
 *
 * A transport does not retry, apply the time limits of requests, interpret statuses, or know Gradio. It rejects with the platform's own error,
 * which the caller converts to a typed one.
 */
export interface Transport {
  /**
   * Sends one request. Resolves when the head of the answer has arrived; a web Response is a valid answer.
   *
   * @param request - URL, headers, body, and the signal that ends both head and body.
   */
  send(request: TransportRequest): Promise<TransportResponse>;

  /**
   * Sends files as `multipart/form-data`, one part of the same field for each file, with flat memory.
   *
   * It is separate from `send` because `fetch` in browsers does not report how much of a body was sent.
   *
   * @param upload - URL, headers and files.
   * @param onProgress - called with the number of bytes of file content sent so far, the last time with all of them.
   */
  upload(upload: Upload, onProgress: (sent: number) => void): Promise<TransportResponse>;

  /**
   * Whether `upload` reports progress while it sends, so that an upload without progress counts as broken. Default `false`: an
   * upload then gets additional time by its size.
   */
  readonly reportsProgress?: boolean | undefined;
  /**
   * Time in milliseconds that the SDK waits after its first request before it loads more code, or until the answer. For platforms on which
   * loading code occupies the thread, such as Node: the request is sent before. Default 0.
   */
  readonly headStart?: number | undefined;

  /**
   * Opens a WebSocket; see {@link SocketRequest}. Optional: without it, apps of Gradio 3 cannot be called.
   *
   * @returns the socket. It can send from the first received message on.
   */
  openSocket?(request: SocketRequest): Socket;

  /** Closes connections that are kept for later requests. Called when the client ends. Optional. */
  close?(): void;
}

/** Header fields by name, in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;

/** One request: a POST with a body, else a GET. */
export interface TransportRequest {
  url: string;
  headers: HeaderFields;
  body?: string | ArrayBuffer | undefined;
  /** Ends head and body. */
  signal: AbortSignal;
  /** Handling of redirects; see `Request.redirect`. Default `"manual"`: a redirect is the answer. */
  redirect?: "manual" | "follow" | "error";
  /** `false`: cookies and HTTP logins of the platform are not sent; see `Request.credentials`. Default: the transport decides. */
  cookies?: false | undefined;
  /** Whether the request outlives the page that sent it; see `Request.keepalive`. Default `false`. */
  keepalive?: boolean;
  /** Whether the request must not keep the program alive, where the platform supports that. Default `false`. */
  background?: boolean;
}

/** The head of an answer, and its unread body: the part of a web Response that the SDK uses. */
export interface TransportResponse {
  readonly status: number;
  /** URL that answered; `""` where it is not known. */
  readonly url: string;
  /** `"opaqueredirect"` for a redirect whose target the platform does not reveal. */
  readonly type?: string;
  readonly headers: Pick<Headers, "get" | "getSetCookie">;
  readonly body: ByteSource | null;
}

/** A stream of bytes for one reader: the part of a web ReadableStream that the SDK uses. */
export interface ByteSource {
  getReader(): ByteReader;
  /** Releases bytes that are not read. */
  cancel(): Promise<void>;
}

/** Reader of a {@link ByteSource}. Rejects with the body's error. */
export interface ByteReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  /** Releases bytes that have not been read. */
  cancel(): Promise<void>;
}

/** Request for a WebSocket. */
export interface SocketRequest {
  /** `ws:` or `wss:`. */
  url: URL;
  /** Sent where the platform supports it. Pages cannot set headers of a WebSocket. */
  headers: HeaderFields;
  /** Closes the socket. */
  signal: AbortSignal;
  onMessage: (text: string) => void;
  /** Called once, when the socket was closed by either side or could not be opened. `reason` is the platform's error, if any. */
  onClose: (code: number, reason: unknown) => void;
}

/** A WebSocket. The signal of its request closes it. */
export interface Socket {
  send(text: string): void;
}

/** Upload of one or more files. */
export interface Upload {
  url: URL;
  headers: HeaderFields;
  /** Name of the form field, the same for every file. */
  field: string;
  files: readonly UploadFile[];
  signal: AbortSignal;
}

/** One file of an upload, with its name in the form. A stream can be read once, and its size is not known. */
export type UploadFile =
  | { name: string; blob: Blob }
  | { name: string; stream: ReadableStream<Uint8Array>; type: string };
