import type { FileData } from "./file-data.ts";

/** A value whose type depends on the app. It accepts any use, as in `@gradio/client`. */
export type Loose = ReturnType<typeof JSON.parse>;

/** Kinds of events. */
export type EventType = "data" | "status" | "log" | "render";

/** One parameter or one output in the description of an endpoint. */
export interface JsApiData {
  label: string;
  parameter_name: string;
  parameter_default?: Loose;
  parameter_has_default?: boolean;
  /** TypeScript type of the value, as text. */
  type: string;
  description: string;
  component: string;
  example_input?: Loose;
  serializer: string;
  python_type: { type: string; description: string };
}

/** Description of one endpoint. */
export interface EndpointInfo<T> {
  parameters: T[];
  returns: T[];
  type?: DependencyTypes;
  oauth_token?: "required" | "optional";
}

/** Description of the app's endpoints. */
export interface ApiInfo<T> {
  named_endpoints: Record<string, EndpointInfo<T>>;
  unnamed_endpoints: Record<string, EndpointInfo<T>>;
}

/** Kind of a function: whether it is a generator, and whether it cancels others. */
export interface DependencyTypes {
  generator: boolean;
  cancel: boolean;
}

/** A file of this machine, as {@link handle_file} returns it in Node. */
export interface Command {
  type: string;
  command: string;
  meta: { path: string; name: string; orig_path: string };
  fileData?: FileData;
}

/** Status of a Space that may run. */
export interface SpaceStatusNormal {
  status: "sleeping" | "running" | "building" | "error" | "stopped" | "starting";
  detail: "SLEEPING" | "RUNNING" | "RUNNING_BUILDING" | "BUILDING" | "APP_STARTING" | "NOT_FOUND";
  load_status: "pending" | "error" | "complete" | "generating";
  message: string;
}

/** Status of a Space that cannot run. */
export interface SpaceStatusError {
  status: "space_error" | "paused";
  detail: "NO_APP_FILE" | "CONFIG_ERROR" | "BUILD_ERROR" | "RUNTIME_ERROR" | "PAUSED";
  load_status: "error";
  message: string;
  discussions_enabled: boolean;
}

/** Status of a Space. */
export type SpaceStatus = SpaceStatusNormal | SpaceStatusError;

/** One component of the configuration. */
export interface ComponentMeta {
  type: string;
  id: number;
  has_modes: boolean;
  props: {
    elem_id?: string;
    elem_classes?: string[];
    components?: string[];
    server_fns?: string[];
    interactive: boolean;
    visible: boolean | "hidden";
    root_url?: string;
    [key: string]: unknown;
  };
  instance: Loose;
  component: Loose;
  documentation?: Loose;
  children?: ComponentMeta[];
  parent?: ComponentMeta;
  value?: Loose;
  component_class_id: string;
  key: string | number | null;
  rendered_in?: number;
}

/** One function of the configuration. */
export interface Dependency {
  id: number;
  targets: [number, string][];
  inputs: number[];
  outputs: number[];
  backend_fn: boolean;
  js: string | null;
  scroll_to_output: boolean;
  trigger: string;
  max_batch_size: number;
  show_progress: "full" | "minimal" | "hidden";
  show_progress_on: number[] | null;
  frontend_fn: ((...args: unknown[]) => Promise<unknown[]>) | null;
  status?: string;
  queue: boolean | null;
  every: number | null;
  batch: boolean;
  api_name: string | null;
  cancels: number[];
  types: DependencyTypes;
  collects_event_data: boolean;
  pending_request?: boolean;
  trigger_after?: number;
  trigger_only_on_success?: boolean;
  trigger_only_on_failure?: boolean;
  trigger_mode: "once" | "multiple" | "always_last";
  final_event: Payload | null;
  api_visibility: "public" | "private" | "undocumented";
  rendered_in: number | null;
  render_id: number | null;
  connection: "stream" | "sse";
  time_limit: number;
  stream_every: number;
  like_user_message: boolean;
  event_specific_args: string[];
  component_prop_inputs: number[];
  js_implementation: string | null;
}

/** Configuration of an app. */
export interface Config {
  deep_link_state?: "none" | "valid" | "invalid";
  auth_required?: true;
  app_id?: string;
  analytics_enabled: boolean;
  connect_heartbeat: boolean;
  dev_mode: boolean;
  vibe_mode: boolean;
  auth_message: string;
  components: ComponentMeta[];
  css: string | null;
  js: string | null;
  head: string | null;
  dependencies: Dependency[];
  enable_queue: boolean;
  show_error: boolean;
  layout: Loose;
  mode: "blocks" | "interface" | "chat_interface";
  root: string;
  root_url?: string;
  theme: string;
  title: string;
  version: string;
  space_id: string | null;
  is_space: boolean;
  is_colab: boolean;
  footer_links: string[];
  stylesheets: string[];
  current_page: string;
  page: Record<string, { components: number[]; dependencies: number[]; layout: Loose }>;
  pages: [string, string, boolean][];
  protocol: "sse_v3" | "sse_v2.1" | "sse_v2" | "sse_v1" | "sse" | "ws";
  max_file_size?: number;
  theme_hash?: number;
  username: string | null;
  api_prefix?: string;
  fill_height?: boolean;
  fill_width?: boolean;
  pwa?: boolean;
  i18n_translations?: Record<string, Record<string, string>> | null;
  mcp_server?: boolean;
  run_history?: boolean;
}

/** Outputs of a call, or the data of one. */
export interface Payload {
  fn_index: number;
  data: unknown[];
  time?: Date;
  event_data?: unknown;
  trigger_id?: number | null;
  oauth_token?: string;
}

/** Paths of uploaded files, or the reason of a failure. */
export interface UploadResponse {
  error?: string;
  files?: string[];
}

/** Result of an input's validator. */
export interface ValidationError {
  is_valid: boolean;
  message: string;
}

/** Status of a call. Durations are in seconds. */
export interface Status {
  queue: boolean;
  code?: string;
  success?: boolean;
  stage: "pending" | "error" | "complete" | "generating" | "streaming";
  duration?: number;
  visible?: boolean;
  broken?: boolean;
  size?: number;
  position?: number;
  eta?: number;
  title?: string;
  message?: string | ValidationError[];
  progress_data?: {
    progress: number | null;
    index: number | null;
    length: number | null;
    unit: string | null;
    desc: string | null;
  }[];
  time?: Date;
  changed_state_ids?: number[];
  time_limit?: number;
  session_not_found?: boolean;
  used_cache?: "full" | "partial" | null;
  cache_duration?: number;
  avg_time?: number;
}

/** Endpoint of an event: as the caller named it, `/predict` for an index; and its index. */
interface Source {
  endpoint: string;
  fn_index: number;
}

/** Status event. */
export interface StatusMessage extends Status, Source {
  type: "status";
  /** `"process_starts"` where the function has started. */
  original_msg?: string;
}

/** Outputs of a call. */
export interface PayloadMessage extends Payload, Source {
  type: "data";
}

/** Log message of a function. `duration` is in seconds; `null`: until it is closed. */
export interface LogMessage extends Source {
  type: "log";
  log: string;
  title: string;
  level: "warning" | "info" | "success" | "error";
  duration: number | null;
  visible: boolean;
}

/** Components that a function rendered. */
export interface RenderMessage extends Source {
  type: "render";
  data: { components: Loose[]; layout: Loose; dependencies: Dependency[]; render_id: number };
}

/** Event of a call. */
export type GradioEvent = PayloadMessage | StatusMessage | LogMessage | RenderMessage;

/** Final output of a call: `data` is the list of outputs. */
export interface PredictReturn<T = unknown> extends Source {
  type: EventType;
  time: Date;
  data: T;
}

/** Events of a call. */
export interface SubmitIterable<T> extends AsyncIterable<T> {
  [Symbol.asyncIterator](): SubmitIterable<T>;
  next: () => Promise<IteratorResult<T, unknown>>;
  throw: (value: unknown) => Promise<IteratorResult<T, unknown>>;
  return: () => Promise<IteratorReturnResult<undefined>>;
  /** Cancels the call; its loop ends. Resolves when the app has answered. */
  cancel: () => Promise<void>;
  /** Returns the id of the call; `""` before the app has accepted it. */
  event_id: () => string;
  /** Sends a chunk, `{ data }`, to a function whose input is a stream. */
  send_chunk: (payload: Record<string, unknown>) => void;
  /** Resolves with the id of the call; with `null` where the app did not accept it. */
  wait_for_id: () => Promise<string | null>;
  /** Ends the input of a function whose input is a stream. */
  close_stream: () => void;
}

/** Signature of `Client.submit`. */
export type SubmitFunction = (
  endpoint: string | number,
  data?: unknown[] | Record<string, unknown>,
  event_data?: unknown,
  trigger_id?: number | null,
  all_events?: boolean,
  additional_headers?: Record<string, string>,
) => SubmitIterable<GradioEvent>;

/** Signature of `Client.predict`. */
export type PredictFunction = <T = unknown>(
  endpoint: string | number,
  data?: unknown[] | Record<string, unknown>,
  event_data?: unknown,
) => Promise<PredictReturn<T>>;

/** The members that version 0 of `@gradio/client` returned. */
export interface client_return {
  config: Config | undefined;
  predict: PredictFunction;
  submit: SubmitFunction;
  component_server: (component_id: number, fn_name: string, data: unknown[]) => Loose;
  view_api: (_fetch: typeof fetch) => Promise<ApiInfo<JsApiData>>;
}

/** Options of a client. */
export interface ClientOptions {
  /** Hugging Face token. Sent to the app and the Hub only. */
  token?: `hf_${string}`;
  /** @deprecated Use `token`. */
  hf_token?: `hf_${string}`;
  /** Called with each status of a Space while it is being started. */
  status_callback?: ((status: SpaceStatus) => void) | null;
  /** User and password of an app with a login. */
  auth?: [string, string] | null;
  /** Whether outputs include states, as `null`. Default `false`. */
  with_null_state?: boolean;
  /** Events that the loop over `submit` receives. Default `["data"]`. */
  events?: EventType[];
  headers?: Record<string, string> | Headers;
  /** `deep_link` and `page` of the app. */
  query_params?: Record<string, string>;
  session_hash?: string;
  /** Cookies for the app. No effect in browsers. */
  cookies?: string;
  /** Credentials mode of requests in browsers. */
  credentials?: "include" | "omit" | "same-origin";
  /** Hugging Face token for functions that take a login. */
  oauth_token?: string;
  /** Whether runs are kept in the browser's run history. Default: in a page of the app itself only. */
  record_history?: boolean;
}

/** Kinds of hardware of a Space. */
export type Hardware =
  | "cpu-basic"
  | "cpu-upgrade"
  | "cpu-xl"
  | "t4-small"
  | "t4-medium"
  | "a10g-small"
  | "a10g-large"
  | "a10g-largex2"
  | "a10g-largex4"
  | "a100-large"
  | "zero-a10g"
  | "h100"
  | "h100x8";

/** Options of a copy of a Space. */
export interface DuplicateOptions extends ClientOptions {
  /** Whether the copy is private. Default `true`. */
  private?: boolean;
  /** Default: the hardware of the original. */
  hardware?: Hardware;
  /** Minutes without a visitor after which the copy sleeps. Leave it out on free hardware. */
  timeout?: number;
}
