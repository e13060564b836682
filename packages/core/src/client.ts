import type { Observable } from "rxjs";
import type {
  AnyName,
  CallData,
  DataOf,
  NamedCall,
  NamedMap,
  NameOf,
  OutputOf,
  Stated,
  UnnamedCall,
  Untyped,
} from "./api.ts";
import type { EndpointInfo } from "./app/endpoints.ts";
import type { Job } from "./call/job.ts";
import type { Inputs, MapItem } from "./call/map.ts";
import type { CoreConnectOptions } from "./connection.ts";
import type { FileData, FileInput } from "./data/files.ts";
import type { DownloadProgress, UseFile } from "./data/read.ts";
import type { Engine } from "./engine.ts";
import type { JobEvent } from "./events.ts";
import {
  type CallOptions,
  callOptions,
  checkOptions,
  type MapOptions,
  connectOptions,
  mergeOptions,
  type OptionTable,
  type UploadProgress,
} from "./options.ts";
import type { ConnectionState } from "./protocol/connection-state.ts";
import { defineSymbols } from "./symbols.ts";
import { makeTools, type Predict, type ToolFormat, type ToolOptions, type Tools } from "./tools/tools.ts";

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

/**
 * A client of one Gradio app: one session, whose event stream carries all its calls.
 *
 * This is the client without a platform: it needs a transport. The packages for the web and for Node bring theirs.
 */
export class Client<Api extends object = Untyped> {
  /** Closes the client: `await using client = …`. Absent on platforms without the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #engine: Engine;
  readonly #defaults: CallOptions;

  /** Made by `Client.connect`, `lazyClient` and `withOptions`. */
  constructor(engine: Engine, defaults: CallOptions = {}) {
    this.#engine = engine;
    this.#defaults = defaults;
    // Of the session the text holds only the beginning: its id is a secret.
    defineSymbols(this, { dispose: () => this.close(), inspect: () => engine.inspect() });
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
    const { connectCore } = await import("./platform.ts");
    return new Client<Api>(await connectCore(app, options));
  }

  /**
   * Checks options of `connect` before anything is loaded or sent.
   *
   * @param own - checks of the options that the platform adds.
   * @throws InputError for an option that does not exist, or whose value is invalid.
   */
  protected static checkOptions(options: unknown, own: OptionTable): void {
    checkOptions("Client.connect", options, { ...connectOptions, ...own });
  }

  /** Vue makes no proxy of objects with a tag of their own. */
  get [Symbol.toStringTag](): string {
    return "Client";
  }

  /** The app's configuration, as it came. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#engine.connection.app.config.raw;
  }

  /** What the app is, and where. */
  get app(): AppInfo {
    const { base, config } = this.#engine.connection.app;
    const { title, version, protocol, spaceId } = config;
    return { url: base.href, title, version, protocol, spaceId };
  }

  /** Id of the session that new calls belong to. A secret: who knows it can read what the session receives. */
  get sessionHash(): string {
    return this.#engine.connection.protocol.sessionHash;
  }

  /** The endpoints that the app shows. */
  get endpoints(): EndpointInfo[] {
    return this.#engine.endpoints;
  }

  /** The endpoints as text for a person, with an example call for each. */
  viewApi(): string {
    return this.#engine.viewApi();
  }

  /** Resolves to this client once it is connected: at once, but for a client that `lazyClient` has made. */
  get connected(): Promise<this> {
    return this.#engine.connected().then(() => this);
  }

  /**
   * The endpoints as tools for agents: schemas that models read, and what calls them.
   *
   * @throws InputError for an unknown format or endpoint.
   * @example `const { tools, call } = client.toTools({ format: "openai" });`
   */
  toTools<Format extends ToolFormat>(options: ToolOptions<Format>): Tools<Format> {
    const predict: Predict = (...call) => this.#engine.submit(call, this.#defaults).result();
    return makeTools({ ...this.app, endpoints: this.endpoints, predict }, options);
  }

  /** State of the session's event stream: now, and each change. For a banner in a page. */
  get connection$(): Observable<ConnectionState> {
    return this.#engine.connection$;
  }

  /**
   * Calls an endpoint and waits for its final output.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
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
    return await this.#engine.submit(given, this.#defaults).result();
  }

  /**
   * Calls an endpoint and returns the job at once; it fails, where it does, through the job. Calls made together may reach
   * the app's queue in any order.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   */
  submit<T = unknown>(...call: UnnamedCall<Api, CallOptions<T>>): Job<Stated<T>>;
  submit<T = unknown>(endpoint: AnyName<Api>, data?: CallData, options?: CallOptions<T>): Job<Stated<T>>;
  submit<Name extends NameOf<Api>>(
    endpoint: Name,
    ...call: NamedCall<Api, Name, CallOptions<OutputOf<Api, Name>>>
  ): Job<OutputOf<Api, Name>>;
  submit<T>(...given: unknown[]): Job<T> {
    return this.#engine.submit<T>(given, this.#defaults);
  }

  /**
   * A call as a cold Observable of its events: each subscription is one submission, and unsubscribing before the end
   * cancels it at the app.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @example
   * A type-ahead, in which a new query cancels the one before:
   * `query$.pipe(switchMap((query) => client.observe("/search", [query]))).subscribe(show);`
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
    return this.#engine.observe(given, this.#defaults);
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
    return this.#engine.map(endpoint, inputs, options, this.#defaults);
  }

  /**
   * The same client with other defaults for the options of its calls. Session, connection, `resetSession` and `close`
   * are shared.
   *
   * @throws InputError for an option that does not exist or cannot be what it is.
   */
  withOptions(options: CallOptions): this {
    checkOptions("withOptions", options, callOptions);
    const Same = this.constructor as new (engine: Engine, defaults: CallOptions) => this;
    return new Same(this.#engine, mergeOptions(this.#defaults, options));
  }

  /**
   * Starts a fresh session: every call made from now on belongs to it, and the app's state starts anew. Calls already
   * made end in the old one.
   */
  async resetSession(): Promise<void> {
    await this.#engine.resetSession();
  }

  /**
   * Reads the app's configuration and description anew. A client that was idle does so by itself where the app was redeployed.
   *
   * @throws ConnectionError and TimeoutError where the app cannot be reached; SessionLostError for an app of another generation of
   *   Gradio's protocol, to which a new client has to connect.
   * @example
   * ```ts
   * await client.refresh();
   * console.log(client.endpoints.map(({ name }) => name));
   * ```
   */
  async refresh(): Promise<void> {
    await this.#engine.refresh();
  }

  /**
   * Calls a server function of a component.
   *
   * @param componentId - id in `config.components`.
   * @param name - the function's name, as in the component's `server_fns`.
   */
  async callComponent(componentId: number, name: string, data?: unknown): Promise<unknown> {
    return await this.#engine.callComponent(componentId, name, data);
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
    return await this.#engine.upload(files, options);
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
    return await this.#engine.readFile(file, options, use);
  }

  /**
   * Ends the client: what still runs ends with `CancelledError` at once, the app is told (for 1 s at most), and
   * connections and timers are released. Later calls fail with `CancelledError`. May be repeated; never rejects.
   */
  close(): Promise<void> {
    return this.#engine.close();
  }
}
