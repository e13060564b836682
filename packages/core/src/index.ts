// For users: exported again by @gradio-rx/web and @gradio-rx/node.
export type {
  AnyName,
  ApiTypes,
  BareFile,
  CallData,
  DataOf,
  EndpointTypes,
  InputOf,
  MapInput,
  NamedCall,
  NamedMap,
  NameOf,
  OutputOf,
  Stated,
  UnnamedCall,
  Untyped,
} from "./api.ts";
export type { DuplicateOptions } from "./app/duplicate.ts";
export type { Choice, EndpointInfo, JsonSchema, ParameterInfo, ReturnInfo } from "./app/endpoints.ts";
export { Job } from "./call/job.ts";
export type { JobListeners } from "./call/listeners.ts";
export type { Inputs, MapItem } from "./call/map-loop.ts";
export { type AppInfo, Client } from "./client.ts";
export {
  type FileContent,
  type FileData,
  FileHandle,
  type FileInput,
  type FileListLike,
  type FileOptions,
  type FileStream,
  handleFile,
} from "./data/files.ts";
export type { DownloadProgress, UseFile } from "./data/read.ts";
export {
  AppError,
  type AnyGradioError,
  AuthenticationError,
  CancelledError,
  ConnectionError,
  DownloadError,
  type ErrorDetails,
  type ErrorJson,
  FileTooLargeError,
  GradioError,
  InputError,
  isRetryable,
  ProtocolError,
  QueueFullError,
  QuotaError,
  RateLimitError,
  SessionLostError,
  SpaceError,
  TimeoutError,
  type TimeoutKind,
  UploadError,
  ValidationError,
} from "./errors.ts";
export type {
  Change,
  DataEvent,
  EventBase,
  JobEvent,
  LogEvent,
  ProgressBar,
  Stage,
  StatusEvent,
  StatusUpdate,
} from "./events.ts";
export type {
  CallOptions,
  ConnectOptions,
  ForkOptions,
  LimitOptions,
  Logger,
  Login,
  MapCallbacks,
  MapOptions,
  MapRetry,
  RetryOptions,
  SpaceStatus,
  TransferOptions,
  UploadProgress,
} from "./options.ts";
export type { ConnectionState } from "./protocol/protocol.ts";
export type { ToolSchema } from "./tools/schema.ts";
export type {
  AiTool,
  CallTool,
  McpTool,
  OpenAiResponsesTool,
  OpenAiTool,
  StandardToolSchema,
  ToolCallOptions,
  ToolFormat,
  ToolOptions,
  Tools,
  ToolsOf,
} from "./tools/tools.ts";

export { eventStreamResponse, type StreamableJob } from "./relay/response.ts";
export type {
  CancelledState,
  ErrorState,
  IdleState,
  JobState,
  JobStateFields,
  PendingState,
  StreamingState,
  SuccessState,
} from "./operators/job-state.ts";
export type { CoreConnectOptions, ForkHeaders } from "./connection.ts";
export type { Transport } from "./transport.ts";
