import type { Loose } from "./types.ts";

/** App and user that a run history belongs to. */
export interface RunHistoryScope {
  app_id?: string | number | null | undefined;
  /** User of an app with a login. */
  username?: string | null;
}

/** Destination of a run history. */
export type RunHistoryStorage = { type: "browser"; bucket_id?: string } | { type: "bucket"; bucket_id: string };

/** Component of a stored run. */
export interface StoredRunComponent {
  type: string;
  component_class_id: string;
  props: Record<string, unknown>;
}

/** A call that the browser keeps. */
export interface StoredRun {
  id: string;
  endpoint: string | number;
  api_name: string;
  fn_index: number;
  page: string;
  inputs: unknown;
  outputs: unknown;
  input_components?: (StoredRunComponent | null)[];
  output_components?: (StoredRunComponent | null)[];
  status: "running" | "completed" | "failed";
  error?: string;
  started_at: string;
  process_started_at?: string;
  completed_at?: string;
  duration_ms?: number;
  queued_ms?: number;
  streamed?: boolean;
}

/** Parts of a configuration that a replayed run changes. */
export interface ReplayTarget {
  components: { id: number; type: string; props: Record<string, Loose> }[];
  dependencies: { id: number; api_name?: string | null; inputs: number[]; outputs: number[] }[];
}

type Scope = RunHistoryScope | null | undefined;

/** Prefixes of the keys that Gradio's own page uses. */
const prefixes = {
  runs: "gradio:run-history:v2:",
  replay: "gradio:run-history:replay:v2:",
  destination: "gradio:run-history:destination:v1:",
} as const;

const CHANGE = "gradio:run-history-change";
/** Maximum number of runs of one app. */
const MAX_RUNS = 100;

/** Returns the key of a scope; `null` for a scope without an app. */
function keyOf(kind: keyof typeof prefixes, scope: Scope): string | null {
  const { app_id, username } = scope ?? {};
  if (app_id === undefined || app_id === null || app_id === "") return null;
  return `${prefixes[kind]}${app_id}${username ? `:user:${encodeURIComponent(username)}` : ""}`;
}

/** Uses a storage of the browser; returns `fallback` without one, and where it fails. History must not break an app. */
function withStorage<T>(kind: "localStorage" | "sessionStorage", fallback: T, use: (storage: Storage) => T): T {
  try {
    return typeof window === "undefined" ? fallback : use(window[kind]);
  } catch {
    return fallback;
  }
}

function parsed(storage: Storage, key: string): unknown {
  return JSON.parse(storage.getItem(key) ?? "null");
}

function notify(): void {
  if (typeof window !== "undefined") window.dispatchEvent(new Event(CHANGE));
}

/** Returns the runs that the browser keeps, the newest first. */
export function read_run_history(scope: Scope): StoredRun[] {
  const key = keyOf("runs", scope);
  if (key === null) return [];
  return withStorage("localStorage", [], (storage) => {
    const runs = parsed(storage, key);
    return Array.isArray(runs) ? (runs as StoredRun[]) : [];
  });
}

/** Writes as many runs as the browser has room for, the newest first. */
export function write_run_history(scope: Scope, runs: readonly StoredRun[]): void {
  const key = keyOf("runs", scope);
  if (key === null) return;
  for (let count = Math.min(runs.length, MAX_RUNS); count > 0; count--) {
    const text = JSON.stringify(runs.slice(0, count));
    const isWritten = withStorage("localStorage", false, (storage) => {
      storage.setItem(key, text);
      return true;
    });
    if (isWritten) return notify();
  }
  withStorage("localStorage", undefined, (storage) => storage.removeItem(key));
  notify();
}

/** Returns the destination of the run history: the browser, by default. */
export function read_run_history_storage(scope: Scope): RunHistoryStorage {
  const key = keyOf("destination", scope);
  if (key === null) return { type: "browser" };
  return withStorage<RunHistoryStorage>("localStorage", { type: "browser" }, (storage) => {
    const value = parsed(storage, key);
    const { type, bucket_id } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    if (typeof bucket_id !== "string") return { type: "browser" };
    return type === "bucket" ? { type, bucket_id } : { type: "browser", bucket_id };
  });
}

/** Sets the destination of the run history. */
export function set_run_history_storage(scope: Scope, destination: RunHistoryStorage): void {
  const key = keyOf("destination", scope);
  if (key === null) return;
  withStorage("localStorage", undefined, (storage) => {
    if (destination.bucket_id) storage.setItem(key, JSON.stringify(destination));
    else storage.removeItem(key);
  });
  notify();
}

/** Deletes all runs. */
export function clear_run_history(scope: Scope): void {
  write_run_history(scope, []);
}

/** Deletes a run. */
export function delete_run_history(scope: Scope, id: string): void {
  write_run_history(
    scope,
    read_run_history(scope).filter((run) => run.id !== id),
  );
}

/** Keeps a run for the next page load, which {@link apply_run_history_replay} applies. */
export function stage_run_history_replay(scope: Scope, run: StoredRun): void {
  const key = keyOf("replay", scope);
  if (key !== null) withStorage("sessionStorage", undefined, (storage) => storage.setItem(key, JSON.stringify(run)));
}

/** Returns the run that was kept for this page load, once; `null` for none. */
export function consume_run_history_replay(scope: Scope): StoredRun | null {
  const key = keyOf("replay", scope);
  if (key === null) return null;
  return withStorage<StoredRun | null>("sessionStorage", null, (storage) => {
    const run = parsed(storage, key) as StoredRun | null;
    storage.removeItem(key);
    return run;
  });
}

/** Writes the inputs and outputs of the run that was kept into a configuration. Returns whether there was one. */
export function apply_run_history_replay(config: ReplayTarget & RunHistoryScope): boolean {
  const run = consume_run_history_replay(config);
  if (!run) return false;
  const named = (name: string | null | undefined): boolean =>
    typeof name === "string" && `/${name.replace(/^\//, "")}` === run.api_name;
  const found = config.dependencies.find(({ id, api_name }) => id === run.fn_index || named(api_name));
  if (!found) return false;
  const listed = (saved: unknown): unknown[] =>
    Array.isArray(saved) ? (saved as unknown[]) : Object.values(saved ?? {});
  const outputs = Array.isArray(run.outputs) ? listed(run.outputs) : run.outputs == null ? [] : [run.outputs];
  for (const [ids, saved] of [[found.inputs, listed(run.inputs)] as const, [found.outputs, outputs] as const])
    ids.forEach((id, at) => {
      const component = config.components.find((one) => one.id === id);
      // The app keeps the values of states.
      if (component && at < saved.length && component.type !== "state") component.props["value"] = saved[at];
    });
  return true;
}

/** Calls a function when runs were added or deleted, in this tab or in another one. Returns a function that stops it. */
export function on_run_history_change(listener: () => void): () => void {
  if (typeof window === "undefined") return () => undefined;
  const events = [CHANGE, "storage"];
  for (const event of events) window.addEventListener(event, listener);
  return () => {
    for (const event of events) window.removeEventListener(event, listener);
  };
}

/** Returns the address of the app's page with the run history. */
export function run_history_url(root: string, api_prefix = "/gradio_api"): string {
  return `${root.replace(/\/+$/, "")}${api_prefix}/runs`;
}
