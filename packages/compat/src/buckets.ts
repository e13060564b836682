/** Record of a run in a bucket. */
export interface HistoryRecord {
  record_id: string;
  endpoint: string;
  inputs: unknown;
  outputs: unknown;
  started_at: string;
  schema_version: number;
}

/** Answer of the app about a bucket. `status` is 0 without an answer. */
export interface HistoryResult<T> {
  ok: boolean;
  status: number;
  data: T;
  detail?: string;
}

/** Whether a text is the id of a bucket: `owner/name`. */
export function is_valid_bucket_id(id: string): boolean {
  const [owner = "", ...rest] = id.split("/");
  const isPart = (part: string): boolean => /^[\w.-]+$/.test(part) && part !== "." && part !== "..";
  return rest.length > 0 && isPart(owner) && rest.every(isPart);
}

/** Returns the address of a path below the app's run history. */
function address(root: string, path: string, query: Record<string, string> = {}): string {
  const base = root.replace(/\/+$/, "");
  const search = new URLSearchParams(query).toString();
  const relative = `gradio_api/run-history/${path}${search === "" ? "" : `?${search}`}`;
  if (base !== "") return `${base}/${relative}`;
  const page = "document" in globalThis ? document.baseURI : "";
  return page === "" ? relative : new URL(relative, page).href;
}

async function ask<T>(
  url: string,
  init: RequestInit,
  fallback: T,
  read: (body: unknown) => T,
): Promise<HistoryResult<T>> {
  try {
    const response = await fetch(url, { credentials: "include", ...init });
    const { ok, status } = response;
    const body: unknown = await response.json().catch(() => null);
    if (ok) return { ok, status, data: read(body) };
    const said: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "detail") : undefined;
    return { ok, status, data: fallback, detail: typeof said === "string" ? said : String(status) };
  } catch (error) {
    return { ok: false, status: 0, data: fallback, detail: String(error) };
  }
}

function listIn<T>(name: string): (body: unknown) => T[] {
  return (body) => {
    const list: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
    return Array.isArray(list) ? (list as T[]) : [];
  };
}

/** Creates a bucket for the run history of the user, where it does not exist. */
export async function connect_bucket(root: string, bucket_id: string): Promise<HistoryResult<null>> {
  if (!is_valid_bucket_id(bucket_id)) return { ok: false, status: 422, data: null, detail: "invalid bucket id" };
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify({ bucket_id }) };
  return await ask(address(root, "connect"), init, null, () => null);
}

/** Returns the ids of the user's buckets. */
export async function list_user_buckets(root: string): Promise<HistoryResult<string[]>> {
  return await ask(address(root, "buckets"), {}, [], listIn<string>("buckets"));
}

/** Returns the records of a bucket. */
export async function list_bucket_records(root: string, bucket: string): Promise<HistoryResult<HistoryRecord[]>> {
  return await ask(address(root, "records", { bucket }), {}, [], listIn<HistoryRecord>("records"));
}

/** Returns the address of a file of a record. */
export function asset_url(root: string, bucket: string, endpoint: string, record_id: string, filename: string): string {
  const [one, two, three] = [endpoint, record_id, filename].map(encodeURIComponent);
  return address(root, `records/${one}/${two}/assets/${three}`, { bucket });
}
