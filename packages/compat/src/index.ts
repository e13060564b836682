export { Client } from "./client.ts";
export { client, duplicate, predict, submit, upload, upload_files } from "./functions.ts";
export { FileData, handle_file, prepare_files } from "./file-data.ts";
export { MISSING_CREDENTIALS_MSG } from "./constants.ts";
export {
  apply_run_history_replay,
  clear_run_history,
  consume_run_history_replay,
  delete_run_history,
  on_run_history_change,
  read_run_history,
  read_run_history_storage,
  type ReplayTarget,
  run_history_url,
  type RunHistoryScope,
  type RunHistoryStorage,
  set_run_history_storage,
  stage_run_history_replay,
  type StoredRun,
  type StoredRunComponent,
} from "./run-history.ts";
export {
  asset_url,
  connect_bucket,
  type HistoryRecord,
  type HistoryResult,
  is_valid_bucket_id,
  list_bucket_records,
  list_user_buckets,
} from "./buckets.ts";
export type {
  client_return,
  Config,
  LogMessage,
  Payload,
  RenderMessage,
  SpaceStatus,
  Status,
  StatusMessage,
  UploadResponse,
  ValidationError,
} from "./types.ts";
