import { Client as CoreClient } from "@gradio-rx/client";
import { RawApp } from "@gradio-rx/core/raw";
import { send } from "./answer.ts";
import { apiInfo } from "./api-info.ts";
import { openStream } from "./event-source.ts";
import { fetchOf, platformFetch } from "./own-fetch.ts";
import type { FileData } from "./file-data.ts";
import { callWithForm, isBinary } from "./component-server.ts";
import { connectError, connectOptions, duplicateOptions, headersOf, withFailure } from "./options.ts";
import { callError, fieldsOf } from "./status.ts";
import { CLOSED, presentFile, submitTo } from "./submission.ts";
import type {
  ApiInfo,
  ClientOptions,
  Config,
  DuplicateOptions,
  EventType,
  GradioEvent,
  JsApiData,
  PredictReturn,
  Status,
  SubmitIterable,
  UploadResponse,
} from "./types.ts";
import { appOfPage, ownApp } from "./own-page.ts";
import { bucketOf } from "./recorder.ts";
import { clear_run_history } from "./run-history.ts";
import { uploadFileData, uploadFiles } from "./uploads.ts";

const allEvents: readonly EventType[] = ["data", "status", "log", "render"];

/** A client of one Gradio app, with the interface of `@gradio/client`. */
export class Client {
  app_reference: string;
  options: ClientOptions;
  deep_link: string | null = null;
  page: string | null = null;
  config: Config | undefined;
  /** Path of the app's API: `/gradio_api`, or `""`. */
  api_prefix = "";
  api_info: ApiInfo<JsApiData> | undefined;
  /** Index of each function by its API name. */
  api_map: Record<string, number> = {};
  /** A secret: it gives access to everything that the session receives. */
  session_hash = "";
  closed = false;
  readonly #headers: Headers;
  readonly #boundFetch: Client["fetch"];
  #connected: { core: CoreClient; app: RawApp } | null = null;

  /** Creates a client that is not connected. Use {@link Client.connect}. */
  constructor(app_reference: string, options: ClientOptions = { events: ["data"] }) {
    this.app_reference = app_reference;
    this.options = { ...options, events: options.events ?? ["data"] };
    this.deep_link = options.query_params?.["deep_link"] ?? null;
    this.page = options.query_params?.["page"] ?? null;
    this.#headers = headersOf(options);
    // Callers pass these methods on without their client.
    this.predict = this.predict.bind(this);
    this.submit = this.submit.bind(this);
    this.upload = this.upload.bind(this);
    this.upload_files = this.upload_files.bind(this);
    this.view_api = this.view_api.bind(this);
    this.post_data = this.post_data.bind(this);
    this.#boundFetch = this.fetch = this.fetch.bind(this);
    this.stream = this.stream.bind(this);
  }

  /**
   * Connects to an app: its URL, or the id of a Space.
   *
   * @throws Error with the message `MISSING_CREDENTIALS_MSG` where the app has a login; the typed errors of the SDK.
   */
  static async connect(app_reference: string, options: ClientOptions = { events: ["data"] }): Promise<Client> {
    const client = new this(app_reference, options);
    const address = appOfPage(app_reference);
    return await client.#connect(options, (given) => CoreClient.connect(address, connectOptions(given, client.#own)));
  }

  /** Copies a Space, and connects to the copy. An existing copy is used as it is. */
  static async duplicate(app_reference: string, options: DuplicateOptions = { events: ["data"] }): Promise<Client> {
    const client = new this(app_reference, options);
    return await client.#connect(options, (given) =>
      CoreClient.duplicate(app_reference, duplicateOptions(given, client.#own)),
    );
  }

  async #connect<Options extends ClientOptions>(
    given: Options,
    connect: (options: Options) => Promise<CoreClient>,
  ): Promise<this> {
    const { options, fail } = withFailure(given);
    const core = await connect(options).catch((error: unknown) => {
      fail();
      throw connectError(error, this.options);
    });
    this.#connected = { core, app: new RawApp(core) };
    this.session_hash = core.sessionHash;
    this.#read();
    if (this.config?.run_history === false) clear_run_history(this.config);
    return this;
  }

  /** Reads the fields that the configuration and the description determine. */
  #read(): void {
    const app = this.#app;
    this.api_prefix = app.prefix === "" ? "" : `/${app.prefix.replace(/\/$/, "")}`;
    const config = app.replaceFiles(structuredClone(app.config), "", presentFile) as Config;
    // Requests go to the address that was connected to, so the app's own claim is replaced.
    config.root = app.url.href.replace(/\/$/, "");
    this.config = Object.assign(this.config ?? ({} as Config), config);
    this.api_info = apiInfo(app);
    const named = app.endpoints.filter(({ name }) => name.startsWith("/"));
    this.api_map = Object.fromEntries(named.map(({ name, index }) => [name.slice(1), index]));
  }

  get #open(): { core: CoreClient; app: RawApp } {
    if (this.#connected) return this.#connected;
    throw new Error("The client is not connected. Create it with Client.connect.");
  }

  /** Returns the address of a path of the app's API. */
  #url(path: string): string {
    return `${this.#app.url.href}${this.#app.prefix}${path}`;
  }

  get #app(): RawApp {
    return this.#open.app;
  }

  /**
   * Calls an endpoint and waits for its final output.
   *
   * @returns the last data event: `data` is the list of outputs.
   * @throws Error with the fields of the status; its `cause` is the typed error of the SDK.
   */
  async predict<T = unknown>(
    endpoint: string | number,
    data?: unknown[] | Record<string, unknown>,
    event_data?: unknown,
  ): Promise<PredictReturn<T>> {
    let last: GradioEvent | undefined;
    // Without statuses, the loop throws the error of the call.
    for await (const event of this.#submit(endpoint, data, { event_data }, ["data"])) last = event;
    if (last?.type === "data") return { ...last, data: last.data as T, time: last.time ?? new Date() };
    const status: Partial<Status> = this.closed
      ? { stage: "error", broken: true, message: CLOSED }
      : { stage: "error", message: "The call was ended before it had an output." };
    throw callError(status, null);
  }

  /**
   * Calls an endpoint and returns its events.
   *
   * @param all_events - whether the loop receives events of every kind, not only those of the option `events`.
   * @throws Error at once for an unknown endpoint, an unknown parameter and a missing one.
   */
  submit(
    endpoint: string | number,
    data?: unknown[] | Record<string, unknown>,
    event_data?: unknown,
    trigger_id?: number | null,
    all_events?: boolean,
    additional_headers?: Record<string, string>,
  ): SubmitIterable<GradioEvent> {
    const events = all_events ? allEvents : (this.options.events ?? ["data"]);
    return this.#submit(endpoint, data, { event_data, trigger_id, additional_headers }, events);
  }

  #submit(
    endpoint: string | number,
    data: unknown,
    more: {
      event_data?: unknown;
      trigger_id?: number | null | undefined;
      additional_headers?: Record<string, string> | undefined;
    },
    events: readonly EventType[],
  ): SubmitIterable<GradioEvent> {
    return submitTo(this.#app, {
      endpoint,
      data,
      eventData: more.event_data,
      triggerId: more.trigger_id,
      headers: more.additional_headers,
      events,
      withStates: this.options.with_null_state === true,
      recorded: this.#recordsRuns ? this.#configuration : null,
      onRender: () => this.#takeRendered(),
      isClosed: () => this.closed,
    });
  }

  /** Whether runs are recorded. The app and the caller may disable it; by default, only the app's own page records. */
  get #recordsRuns(): boolean {
    const { record_history } = this.options;
    if (typeof window === "undefined" || this.config?.run_history === false || record_history === false) return false;
    const isOwn = ownApp()?.url.href === this.#app.url.href;
    return isOwn || record_history === true || bucketOf(this.#configuration) !== null;
  }

  /** Adds components and functions that were rendered. */
  #takeRendered(): void {
    const { components, dependencies } = structuredClone(this.#app.config);
    Object.assign(this.config ?? {}, { components, dependencies });
  }

  /** Returns the description of the app's endpoints. */
  async view_api(): Promise<ApiInfo<JsApiData>> {
    return apiInfo(this.#app);
  }

  /**
   * Calls a server function of a component.
   *
   * @param data - JSON; or `{ binary: true, data }`, whose fields are sent as a form.
   * @throws Error for a form that the app rejects; the typed errors of the SDK.
   */
  async component_server(component_id: number, fn_name: string, data: unknown): Promise<unknown> {
    const { core, app } = this.#open;
    const fields = { component_id: String(component_id), fn_name, session_hash: this.session_hash };
    const answer = isBinary(data)
      ? await callWithForm(data, fields, (body) => this.fetch(this.#url("component_server/"), { method: "POST", body }))
      : await core.callComponent(component_id, fn_name, data);
    return app.replaceFiles(answer, "", presentFile);
  }

  /** Uploads the files of {@link FileData} objects. `root_url` has no effect: files are sent to the app of the client. */
  async upload(
    file_data: FileData[],
    root_url: string,
    upload_id?: string,
    max_file_size?: number,
  ): Promise<(FileData | null)[] | null> {
    const upload = (files: Blob[]): Promise<UploadResponse> => this.upload_files(root_url, files, upload_id);
    return await uploadFileData(this.#app, [file_data].flat(), { upload, maxFileSize: max_file_size });
  }

  /** Uploads files. `root_url` has no effect: files are sent to the app of the client. Does not reject. */
  async upload_files(_root_url: string, files: (Blob | File)[], upload_id?: string): Promise<UploadResponse> {
    return await uploadFiles(this.#app, files, upload_id);
  }

  /** Sends JSON with POST. Returns the body of the answer and its status; `{ error }` and 500 where there is no answer. */
  async post_data(
    url: string,
    body: unknown,
    additional_headers?: Record<string, string>,
  ): Promise<[Record<string, unknown>, number]> {
    const headers = { "content-type": "application/json", ...additional_headers };
    try {
      const response = await this.fetch(url, { method: "POST", body: JSON.stringify(body), headers });
      const { status } = response;
      const unreadable = (): unknown => ({ error: `The answer to the request (${status}) is not JSON.` });
      return [(await response.json().catch(unreadable)) as Record<string, unknown>, status];
    } catch (error) {
      return [{ error: error instanceof Error ? error.message : String(error) }, 500];
    }
  }

  /**
   * Sends a request. The app receives the client's headers and token; another origin receives none of them. The requests of the client
   * itself use the `fetch` of a subclass.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    if (!this.#hasOwnFetch) return await send(this.#app, input, init);
    const origin = this.#connected?.app.url.origin ?? null;
    return await platformFetch(input, init, { headers: this.#headers, origin });
  }

  /** Whether a subclass has replaced {@link fetch}. */
  get #hasOwnFetch(): boolean {
    const inherited: unknown = Reflect.get(Object.getPrototypeOf(this) as object, "fetch");
    return this.#boundFetch !== this.fetch || inherited !== Reflect.get(Client.prototype, "fetch");
  }

  /** Options of the SDK that depend on the client. */
  get #own(): { headers: Headers; fetch?: (request: Request) => Promise<Response> } {
    const headers = this.#headers;
    return this.#hasOwnFetch ? { headers, fetch: fetchOf((...request) => this.fetch(...request)) } : { headers };
  }

  /** Opens an event stream of the app, such as the progress of an upload. */
  stream(url: URL): EventSource {
    return openStream(this.#app, url);
  }

  /** Returns whether the app can be reached, and whether it was restarted: `"changed"`. */
  async reconnect(): Promise<"connected" | "broken" | "changed"> {
    try {
      const response = await this.fetch(this.#url("app_id"));
      if (!response.ok) return "broken";
      const { app_id } = fieldsOf(await response.json());
      return app_id === this.config?.app_id ? "connected" : "changed";
    } catch {
      return "broken";
    }
  }

  /** Reads the configuration anew. Running calls continue. */
  async refresh(): Promise<Config> {
    await this.#open.core.refresh();
    this.#read();
    return this.#configuration;
  }

  /** Returns the configuration of the page that an address names. Default: the present page. */
  get_url_config(url: string | null = null): Config {
    const config = this.#configuration;
    const here = url ?? ("location" in globalThis ? location.href : config.root);
    const root = new URL(config.root).pathname.replace(/\/$/, "");
    const path = new URL(here, config.root).pathname;
    return this.get_page_config((path.startsWith(root) ? path.slice(root.length) : path).replace(/^\/|\/$/g, ""));
  }

  /** Returns the configuration with the components and functions of one page. */
  get_page_config(page: string): Config {
    const config = this.#configuration;
    const found = config.page?.[page];
    if (!found) return { ...config, current_page: "" };
    return {
      ...config,
      current_page: page,
      layout: found.layout as unknown,
      components: config.components.filter(({ id }) => found.components.includes(id)),
      dependencies: config.dependencies.filter(({ id }) => found.dependencies.includes(id)),
    };
  }

  get #configuration(): Config {
    if (this.config) return this.config;
    throw new Error("The client has no configuration. Create it with Client.connect.");
  }

  /** Sets the cookies of later requests: lines of `set-cookie`, separated by commas, or a cookie header. */
  set_cookies(raw_cookies: string): void {
    const pairs = raw_cookies.split(/,(?=\s*[^;,=\s]+=)/).map((line) => line.split(";")[0]!.trim());
    this.#headers.set("cookie", pairs.filter((pair) => pair.includes("=")).join("; "));
  }

  /** Ends the client, and cancels its running calls. */
  close(): void {
    this.closed = true;
    void this.#connected?.core.close();
  }
}
