import type { Observable } from "rxjs";
import type {
  AnyName,
  BareFile,
  CallData,
  MapInput,
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
import type { Inputs, MapItem } from "./call/map-loop.ts";
import type { CoreConnectOptions, ForkHeaders } from "./connection.ts";
import type { FileData, FileInput, FileListLike } from "./data/files.ts";
import type { DownloadProgress, UseFile } from "./data/read.ts";
import type { Engine } from "./engine.ts";
import type { JobEvent } from "./events.ts";
import { loadPart } from "./load.ts";
import {
  type CallOptions,
  checkOptions,
  type ForkOptions,
  type MapOptions,
  connectOptions,
  type OptionTable,
  type TransferOptions,
  type UploadProgress,
} from "./options.ts";
import type { ConnectionState } from "./protocol/protocol.ts";
import { defineSymbols } from "./symbols.ts";
import type { ToolFormat, ToolOptions, Tools } from "./tools/tools.ts";

/** Facts about a connected app. */
export interface AppInfo {
  /** URL of the app, with a slash at its end. */
  url: string;
  title: string | null;
  /** Version of Gradio. */
  version: string;
  /** Protocol as the configuration names it, such as `"sse_v3"`. */
  protocol: string;
  /** Id of the Space, `owner/name`; `null` where the app is not a Space. */
  spaceId: string | null;
}

/**
 * A client of one Gradio app: one session, whose event stream carries all its calls.
 *
 * This class belongs to no platform and needs a transport. The packages for the web and for Node provide one.
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
    // The text holds only the beginning of the session id, which is a secret.
    defineSymbols(this, { dispose: () => this.close(), inspect: () => engine.inspect() });
  }

  /**
   * Connects to an app with two requests, for its configuration and its description. Wakes a Space that sleeps, and waits for it.
   *
   * @param app - URL of the app, with or without a path and the last slash; or the id of a Space, `owner/name`.
   * @throws InputError before any request; ProtocolError where there is no Gradio app; ConnectionError; TimeoutError;
   *   AuthenticationError; SpaceError for a Space that cannot run or does not start in time.
   */
  static async connect<Api extends object = Untyped>(
    app: string | URL,
    options: CoreConnectOptions,
  ): Promise<Client<Api>> {
    const { connectCore } = await loadPart(() => import("./platform.ts"));
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

  /**
   * Loads a part of a package on demand.
   *
   * @throws ConnectionError with `accepted: false` where it cannot be loaded, as in a page that is older than the deployment.
   */
  protected static async loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
    return await loadPart(load);
  }

  /** Returns the working part of a client, for the raw calls of adapters. */
  protected static engineOf(client: Client): Engine {
    return client.#engine;
  }

  /** Tag of the class. Vue creates no proxy for an object with such a tag. */
  get [Symbol.toStringTag](): string {
    return "Client";
  }

  /** The app's configuration as the app sent it. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#engine.connection.app.config.raw;
  }

  /** URL, title, version and protocol of the app. */
  get app(): AppInfo {
    const { base, config } = this.#engine.connection.app;
    const { title, version, protocol, spaceId } = config;
    return { url: base.href, title, version, protocol, spaceId };
  }

  /** Id of the session that new calls belong to. A secret: it gives access to everything that the session receives. */
  get sessionHash(): string {
    return this.#engine.connection.protocol.sessionHash;
  }

  /** The public endpoints of the app that can be called. */
  get endpoints(): EndpointInfo[] {
    return this.#engine.endpoints;
  }

  /** Returns the endpoints as readable text, with an example call for each. */
  viewApi(): string {
    return this.#engine.viewApi();
  }

  /** Resolves to this client when it is connected. Only a client made by `lazyClient` may not be connected yet. */
  get connected(): Promise<this> {
    return this.#engine.connected().then(() => this);
  }

  /**
   * Returns the endpoints as tools for agents: schemas for models, and a function that calls the tools.
   *
   * @throws InputError for an unknown format or endpoint.
   * @example `const { tools, call } = client.toTools({ format: "openai" });`
   */
  toTools<Format extends ToolFormat>(options: ToolOptions<Format>): Tools<Format> {
    return this.#engine.toTools(options, this.#defaults);
  }

  /** State of the session's event stream: the current one, and each change. */
  get connection$(): Observable<ConnectionState> {
    return this.#engine.connection$;
  }

  /**
   * Calls an endpoint and waits for its final output.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @param options - options of this call; see {@link CallOptions}.
   * @returns the value where the endpoint has one output, an array where it has several, `null` where it has none.
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
   * Calls an endpoint and returns the job at once. Every failure of the call is reported by the job. Calls that are made
   * together may reach the app's queue in any order.
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
   * Returns a call as a cold Observable of its events. Each subscription is one submission; unsubscribing before the end
   * cancels it at the app.
   *
   * @param endpoint - API name, slash optional, or function index; may be left out where the app has one public endpoint.
   * @param data - an array (by position) or an object (by parameter name); defaults are filled in.
   * @example
   * ```ts
   * // Type-ahead: a new query cancels the previous one.
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
    return this.#engine.observe(given, this.#defaults);
  }

  /**
   * Calls an endpoint once for each input, with limited concurrency, and yields each outcome when its call ends. Starts when
   * it is iterated. Leaving the loop cancels the running calls.
   *
   * @param inputs - the data of each call, or a file where the endpoint takes one file. An input is read only when a call can start with it.
   * @param options - options of each call, and `concurrency`, `ordered` and `retry`; see {@link MapOptions}.
   * @returns the outcomes: `{ index, input, result }` or `{ index, input, error }`.
   * @throws the reason of an aborted `signal`; InputError for invalid options.
   * @example
   * ```ts
   * for await (const { input, result, error } of client.map("/caption", images, { ordered: true }))
   *   console.log(input.name, error?.message ?? result);
   * ```
   */
  map<T = unknown, Input extends CallData | BareFile = CallData | BareFile>(
    endpoint: AnyName<Api>,
    inputs: Inputs<Input>,
    options?: MapOptions<T>,
  ): AsyncIterable<MapItem<Stated<T>, Input>>;
  map<Name extends NameOf<Api>, Input extends MapInput<Api, Name>>(
    endpoint: Name,
    ...call: NamedMap<Api, Inputs<Input>, MapOptions<OutputOf<Api, Name>>>
  ): AsyncIterable<MapItem<OutputOf<Api, Name>, Input>>;
  map(endpoint: string | number, ...given: readonly unknown[]): AsyncIterable<unknown> {
    const [inputs, options = {}] = given as [inputs: Inputs<unknown>, options?: MapOptions<never>];
    return this.#engine.map(endpoint, inputs, options, this.#defaults);
  }

  /**
   * Returns a client with other defaults for the options of its calls. It shares the session, the connection, `resetSession`
   * and `close` with this client.
   *
   * @throws InputError for an option that does not exist or has an invalid value.
   */
  withOptions(options: CallOptions): this {
    const Same = this.constructor as new (engine: Engine, defaults: CallOptions) => this;
    return new Same(this.#engine, this.#engine.mergeDefaults(this.#defaults, options));
  }

  /**
   * Returns a client with a session of its own on the same connection, at once and without a request. A server makes one for each
   * visitor, as all calls of one session share the state that the app keeps: the history of a chat, for example.
   *
   * A fork has an event stream of its own. It ends with this client; closing it does not affect this client or other forks. Close a fork
   * when its visitor leaves.
   *
   * @param options.sessionHash - session of the app to resume. Default: a new one.
   * @param options.headers - additional headers for each request of the fork; they replace those of this client.
   * @throws InputError for an option that does not exist, or whose value is invalid.
   * @example
   * ```ts
   * const client = await Client.connect("owner/chat"); // One for the whole server.
   * const visitor = client.fork(); // One for each visitor.
   * const answer = await visitor.predict("/chat", [message]);
   * await visitor.close();
   * ```
   */
  fork(options: ForkOptions = {}): this {
    return this.forkWith(options);
  }

  /**
   * Makes a fork, for a platform with options of its own.
   *
   * @param own - checks of the options that the platform adds.
   * @param joinHeaders - makes the headers that the platform adds to each submission. Default: those of this client.
   */
  protected forkWith(options: ForkOptions, own: OptionTable = {}, joinHeaders?: ForkHeaders): this {
    const Same = this.constructor as new (engine: Engine, defaults: CallOptions) => this;
    return new Same(this.#engine.fork(options, own, joinHeaders), this.#defaults);
  }

  /**
   * Starts a new session: later calls belong to it, and the app's state starts anew. Calls that were made before end in the
   * former session.
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
   * Uploads files concurrently, for later calls.
   *
   * @param files - an array, or the FileList of an input element: Blobs, Files, bytes, streams, or `handleFile(…)`.
   * @param options.onProgress - called with the bytes of each file that were sent so far.
   * @returns the uploaded files, in the order of `files`; pass them to calls as they are.
   * @throws UploadError, FileTooLargeError, AuthenticationError, InputError.
   */
  async upload(
    files: readonly FileInput[] | FileListLike,
    options: TransferOptions<UploadProgress> = {},
  ): Promise<FileData[]> {
    return await this.#engine.upload(files, options);
  }

  /**
   * Reads a file of the app chunk by chunk, for the platform's `download`.
   *
   * @param use - consumes the file: takes its name, size and type, and its chunks.
   */
  protected async readFile<T>(
    file: FileData | string | URL,
    options: TransferOptions<DownloadProgress>,
    use: UseFile<T>,
  ): Promise<T> {
    return await this.#engine.readFile(file, options, use);
  }

  /**
   * Closes the client. Running calls fail with `CancelledError` at once and are cancelled at the app, which takes at most 1 s.
   * Connections and timers are released. Later calls fail with `CancelledError`. May be called again; never rejects.
   */
  close(): Promise<void> {
    return this.#engine.close();
  }
}
