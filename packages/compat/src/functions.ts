import { Client } from "./client.ts";
import type { FileData } from "./file-data.ts";
import type {
  ClientOptions,
  DuplicateOptions,
  GradioEvent,
  PredictReturn,
  SubmitIterable,
  UploadResponse,
} from "./types.ts";

/** @deprecated Use {@link Client.connect}. */
export async function client(app_reference: string, options?: ClientOptions): Promise<Client> {
  return await Client.connect(app_reference, options);
}

/** @deprecated Use {@link Client.duplicate}. */
export async function duplicate(app_reference: string, options?: DuplicateOptions): Promise<Client> {
  return await Client.duplicate(app_reference, options);
}

/** Calls an endpoint with the client that is `this`; see {@link Client.predict}. */
export async function predict<T = unknown>(
  this: Client,
  endpoint: string | number,
  data?: unknown[] | Record<string, unknown>,
): Promise<PredictReturn<T>> {
  return (await Client.prototype.predict.call(this, endpoint, data)) as PredictReturn<T>;
}

/** Calls an endpoint with the client that is `this`; see {@link Client.submit}. */
export function submit(this: Client, ...call: Parameters<Client["submit"]>): SubmitIterable<GradioEvent> {
  return Client.prototype.submit.apply(this, call);
}

/** Uploads files with the client that is `this`; see {@link Client.upload}. */
export async function upload(
  this: Client,
  ...files: Parameters<Client["upload"]>
): Promise<(FileData | null)[] | null> {
  return await Client.prototype.upload.apply(this, files);
}

/** Uploads files with the client that is `this`; see {@link Client.upload_files}. */
export async function upload_files(
  this: Client,
  ...files: Parameters<Client["upload_files"]>
): Promise<UploadResponse> {
  return await Client.prototype.upload_files.apply(this, files);
}
