import { asapScheduler, defer, filter, finalize, map, type Observable, subscribeOn } from "rxjs";
import {
  type AnyName,
  type CallData,
  type DataOf,
  type NamedCall,
  type NamedMap,
  type NameOf,
  type OutputOf,
  type Stated,
  type UnnamedCall,
  type Untyped,
  viewApi,
} from "./api.ts";
import type { EndpointInfo } from "./app/endpoints.ts";
import { callEvents } from "./call/call.ts";
import { type CallEvent, jobEvent } from "./call/call-event.ts";
import { Job } from "./call/job.ts";
import { callListeners } from "./call/listeners.ts";
import type { Inputs, MapItem, MapLoop } from "./call/map.ts";
import { type GivenCall, openInput, readCall, type Resolved, resolveEndpoint } from "./call/prepare.ts";
import { serialize } from "./call/serialize.ts";
import { connect, type Connection, type CoreConnectOptions } from "./connection.ts";
import { publicEndpoints } from "./data/arguments.ts";
import type { FileData, FileInput } from "./data/files.ts";
import { type DownloadProgress, readFile, type UseFile } from "./data/read.ts";
import { uploadAll } from "./data/uploads.ts";
import { CancelledError } from "./errors.ts";
import type { JobEvent } from "./events.ts";
import {
  type CallOptions,
  callOptions,
  checkOptions,
  type MapOptions,
  mergeOptions,
  readOptions,
  type UploadProgress,
} from "./options.ts";
import { fetchTransport } from "./http/fetch-transport.ts";
import { callComponent } from "./protocol/component.ts";
import type { ConnectionState } from "./protocol/connection-state.ts";
import { CallEnd } from "./protocol/protocol.ts";

/** What an app is. */
export interface AppInfo {
  /** Its address, with a slash at its end. */
  url: string;
  title: string | null;
  /** Version of Gradio. */
  version: string;
  /** Generation of the wire: `"sse_v3"` … */
  protocol: string;
  /** `owner/name` where it runs as a Space. */
  spaceId: string | null;
}

/** What clients that differ only in their defaults have in common. */
interface Shared {
  connection: Connection;
  /** Ends the calls and transfers that are running, each with an error. */
  running: Set<(error: unknown) => void>;
  closing: Promise<void> | null;
}

/** How long the app is told of what still runs when a client closes, in milliseconds. */
const FAREWELL = 1_000;

/**
 * A client of one Gradio app: one session, whose event stream carries all its calls.
 *
 * This is the one without a platform: it wants a transport. The packages for the web and for Node bring theirs.
 */
export class Client<Api extends object = Untyped> {
  /** Closes the client: `await using client = …`. Absent on platforms without the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #shared: Shared;
  readonly #defaults: CallOptions;

  /** Made by `Client.connect` and `withOptions`. */
  constructor(connection: Connection | Client, defaults: CallOptions = {}) {
    this.#shared =
      connection instanceof Client ? connection.#shared : { connection, running: new Set(), closing: null };
    this.#defaults = defaults;
    const { asyncDispose } = Symbol as { asyncDispose?: symbol };
    if (asyncDispose) Object.defineProperty(this, asyncDispose, { value: () => this.close() });
  }

  /**
   * Connects to an app: two requests, for its configuration and its description. A Space that sleeps is woken and waited for.
   *
   * @param app - its URL, with or without a path and the last slash; or its Space id, `owner/name`.
   * @throws InputError before any request; ProtocolError where there is no Gradio app; ConnectionError; TimeoutError;
   *   AuthenticationError; SpaceError for a Space that cannot run, or not in time.
   */
  static async connect<Api extends object = Untyped>(
    app: string | URL,
    options: CoreConnectOptions,
  ): Promise<Client<Api>> {
    const { transport, localFile, saveFile, onAddress, joinHeaders, ...rest } = options;
    const sender = rest.fetch ? { ...transport, ...fetchTransport(rest.fetch) } : transport;
    const platform = { transport: sender, localFile, saveFile, onAddress, joinHeaders };
    return new Client<Api>(await connect(app, rest, platform));
  }

  /** The app's configuration, as it came. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#shared.connection.app.config.raw;
  }

  /** What the app is, and where. */
  get app(): AppInfo {
    const { base, config } = this.#shared.connection.app;
    const { title, version, protocol, spaceId } = config;
    return { url: base.href, title, version, protocol, spaceId };
  }

  /** Id of the session that new calls belong to. A secret: who knows it can read what the session receives. */
  get sessionHash(): string {
    return this.#shared.connection.protocol.sessionHash;
  }

  /** The endpoints that the app shows. */
  get endpoints(): EndpointInfo[] {
    return publicEndpoints(this.#shared.connection.app.endpoints).map(({ info }) => info);
  }

  /** The endpoints as text for a person, with an example call for each. */
  viewApi(): string {
    return viewApi(this.app.title ?? this.app.url, this.endpoints);
  }

  /** How the session's event stream is doing: now, and each change. For a banner in a page. */
  get connection$(): Observable<ConnectionState> {
    return this.#shared.connection.protocol.state$;
  }

  /**
   * Calls an endpoint and waits for its final output.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @param options - options of this call; see {@link CallOptions}.
   * @returns the bare value of one output, an array of several, `null` of none.
   * @throws the call's error, of a class that `AnyGradioError` lists; the reason of an aborted `signal`.
   */
  predict<T = unknown>(...call: UnnamedCall<Api, CallOptions<T>>): Promise<Stated<T>>;
  predict<T = unknown>(endpoint: AnyName<Api>, data?: CallData, options?: CallOptions<T>): Promise<Stated<T>>;
  predict<Name extends NameOf<Api>>(
    endpoint: Name,
    ...call: NamedCall<Api, Name, CallOptions<OutputOf<Api, Name>>>
  ): Promise<OutputOf<Api, Name>>;
  async predict(...given: unknown[]): Promise<unknown> {
    return await this.#submit(readCall(given)).result();
  }

  /**
   * Calls an endpoint and returns the job at once; it fails, where it does, through the job. Calls made together may reach
   * the app's queue in any order.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @param options - options of this call; see {@link CallOptions}.
   */
  submit<T = unknown>(...call: UnnamedCall<Api, CallOptions<T>>): Job<Stated<T>>;
  submit<T = unknown>(endpoint: AnyName<Api>, data?: CallData, options?: CallOptions<T>): Job<Stated<T>>;
  submit<Name extends NameOf<Api>>(
    endpoint: Name,
    ...call: NamedCall<Api, Name, CallOptions<OutputOf<Api, Name>>>
  ): Job<OutputOf<Api, Name>>;
  submit<T>(...given: unknown[]): Job<T> {
    return this.#submit<T>(readCall(given));
  }

  /**
   * A call as a cold Observable of its events: each subscription is one submission, and unsubscribing before the end
   * cancels it at the app.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @param options - options of each call; see {@link CallOptions}.
   * @example
   * ```ts
   * // Type-ahead: a new query cancels the one before.
   * query$.pipe(switchMap((query) => client.observe("/search", [query]))).subscribe(show);
   * ```
   */
  observe<T = unknown>(...call: UnnamedCall<Api, CallOptions<T>>): Observable<JobEvent<Stated<T>>>;
  observe<T = unknown>(
    endpoint: AnyName<Api>,
    data?: CallData,
    options?: CallOptions<T>,
  ): Observable<JobEvent<Stated<T>>>;
  observe<Name extends NameOf<Api>>(
    endpoint: Name,
    ...call: NamedCall<Api, Name, CallOptions<OutputOf<Api, Name>>>
  ): Observable<JobEvent<OutputOf<Api, Name>>>;
  observe(...given: unknown[]): Observable<JobEvent> {
    const request = readCall(given);
    return defer(() => {
      const { events$, options, untrack } = this.#prepare(request);
      return events$.pipe(
        serialize,
        callListeners(options),
        map(jobEvent),
        filter((event) => event !== undefined),
        finalize(untrack),
      );
    }).pipe(
      // No reader is called before `subscribe` has returned.
      subscribeOn(asapScheduler),
    );
  }

  /**
   * Calls an endpoint once for each input, a few at a time, and yields each outcome as it comes. Starts when iterated;
   * leaving the loop cancels what is in flight.
   *
   * @param inputs - the data of each call; read no further than needed.
   */
  map<T = unknown>(
    endpoint: AnyName<Api>,
    inputs: Inputs<CallData>,
    options?: MapOptions<T>,
  ): AsyncIterable<MapItem<Stated<T>>>;
  map<Name extends NameOf<Api>>(
    endpoint: Name,
    ...call: NamedMap<Api, Inputs<DataOf<Api, Name>>, MapOptions<OutputOf<Api, Name>>>
  ): AsyncIterable<MapItem<OutputOf<Api, Name>>>;
  map(endpoint: string | number, ...given: readonly unknown[]): AsyncIterable<unknown> {
    const [inputs, options = {}] = given as [inputs: Inputs<unknown>, options?: MapOptions<never>];
    const start = async (): Promise<MapLoop<unknown, unknown>> => {
      const { mapLoop } = await import("./call/map.ts");
      const { running, closing } = this.#shared;
      return mapLoop(inputs, options, {
        defaults: this.#defaults,
        running,
        closed: closing && closedError(),
        submit: (data, each) => this.#submit({ endpoint, data, options: each }),
      });
    };
    return {
      [Symbol.asyncIterator]() {
        let loop: Promise<MapLoop<unknown, unknown>> | null = null;
        // It starts with the first step; what is wrong with it is told then.
        return {
          next: async () => await (await (loop ??= start())).next(),
          return: async () => (loop ? await (await loop).return() : { done: true as const, value: undefined }),
        };
      },
    };
  }

  /**
   * The same client with other defaults for the options of its calls. Session, connection, `resetSession` and `close`
   * are shared.
   *
   * @throws InputError for an option that does not exist or cannot be what it is.
   */
  withOptions(options: CallOptions): this {
    checkOptions("withOptions", options, callOptions);
    const Same = this.constructor as new (client: Client, defaults: CallOptions) => this;
    return new Same(this as unknown as Client, mergeOptions(this.#defaults, options));
  }

  /**
   * Starts a fresh session: every call made from now on belongs to it, and the app's state starts anew. Calls already
   * made end in the old one.
   */
  async resetSession(): Promise<void> {
    const { connection } = this.#shared;
    connection.protocol.reset();
    // What functions have rendered was the old session's.
    connection.app = connection.found;
  }

  /**
   * Calls a server function of a component.
   *
   * @param componentId - id in `config.components`.
   * @param name - the function's name, as in the component's `server_fns`.
   */
  async callComponent(componentId: number, name: string, data?: unknown): Promise<unknown> {
    const { http, app } = this.#shared.connection;
    const { sessionHash } = this;
    return await this.during(undefined, (signal) =>
      callComponent(http, app.config.prefix, { sessionHash, componentId, name, data, signal }),
    );
  }

  /**
   * Sends files to the app, side by side, for later calls.
   *
   * @param files - Blobs, Files, bytes, streams, or `handleFile(…)`.
   * @param options.onProgress - called as bytes leave.
   * @returns where the app keeps each, in their order; pass them to calls as they are.
   * @throws UploadError, FileTooLargeError, AuthenticationError, InputError.
   */
  async upload(
    files: readonly FileInput[],
    options: { onProgress?: ((progress: UploadProgress) => void) | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<FileData[]> {
    return await this.during(options.signal, async (signal) => {
      return await uploadAll(files, this.#shared.connection, { ...options, signal });
    });
  }

  /**
   * Reads a file of the app, for the platform's `download`: chunk by chunk, to the last byte.
   *
   * @param use - takes the file's name and its chunks.
   */
  protected async readFile<T>(
    file: FileData | string | URL,
    options: { signal?: AbortSignal | undefined; onProgress?: ((progress: DownloadProgress) => void) | undefined },
    use: UseFile<T>,
  ): Promise<T> {
    return await this.during(options.signal, async (signal) => {
      return await readFile(this.#shared.connection.http, file, { ...options, signal }, use);
    });
  }

  /** Does some work that ends when the client closes, or the caller's signal is aborted, with that reason. */
  protected async during<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#shared.closing) throw closedError();
    given?.throwIfAborted();
    const abort = new AbortController();
    const follow = (): void => abort.abort(given?.reason);
    given?.addEventListener("abort", follow, { once: true });
    const close = (error: unknown): void => abort.abort(error);
    this.#shared.running.add(close);
    try {
      return await work(abort.signal);
    } finally {
      given?.removeEventListener("abort", follow);
      this.#shared.running.delete(close);
    }
  }

  /**
   * Ends the client: what still runs ends with `CancelledError` at once, the app is told (for 1 s at most), and
   * connections and timers are released. Later calls fail with `CancelledError`. May be repeated; never rejects.
   */
  close(): Promise<void> {
    const { connection, running } = this.#shared;
    this.#shared.closing ??= (async () => {
      for (const close of running) close(closedError());
      await connection.protocol.close(FAREWELL);
      connection.closed.abort(closedError());
      connection.http.settings.transport.close?.();
    })();
    return this.#shared.closing;
  }

  #submit<T>(given: GivenCall): Job<T> {
    const { events$, resolved, options, end, untrack } = this.#prepare(given);
    const { endpoint, fnIndex } = resolved;
    const input = openInput(this.#shared.connection, resolved, options, end.signal);
    // The type of the outputs is the caller's word: nothing is known of it here.
    return new Job<T>({
      events$: events$ as Observable<CallEvent<T>>,
      endpoint,
      fnIndex,
      options,
      input,
      end,
      onEnd: untrack,
    });
  }

  /** Makes the pipeline of a call, and enters it into the calls that `close` ends. */
  #prepare(given: GivenCall): {
    events$: Observable<CallEvent>;
    resolved: Resolved;
    options: CallOptions;
    end: AbortController;
    untrack: () => void;
  } {
    const { connection, running, closing } = this.#shared;
    // The valid ones of wrong options count, so that the call can report what is wrong.
    const { right, wrong } = readOptions("The call", given.options, callOptions);
    const options: CallOptions = { ...this.#defaults, ...right };
    const end = new AbortController();
    const resolved = resolveEndpoint(connection, given.endpoint);
    const abort = (error: unknown): void => end.abort(new CallEnd("closed", error));
    running.add(abort);
    const fault = closing ? closedError() : wrong;
    const events$ = callEvents({ connection, resolved, data: given.data, options, fault, end });
    return { events$, resolved, options, end, untrack: () => running.delete(abort) };
  }
}

function closedError(): CancelledError {
  return new CancelledError("The client is closed.");
}
