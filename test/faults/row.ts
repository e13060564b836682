import type { CallOptions, Client, ConnectOptions } from "#sdk";
import type { Rule } from "@gradio-rx/testing";
import type { World } from "./world.ts";

/** One fault, its allowed outcomes, and its time limit. */
export interface Row {
  /** Requirement that the row checks. */
  family: string;
  /** Description of the fault; unique. */
  name: string;
  /**
   * Rules of the proxy. In their strings `$proxy` and `$elsewhere` are replaced by the URLs of the proxy and of another proxy
   * for the same app.
   */
  rules: readonly Rule[];
  /** Work to do while the rules apply. Default: a call of a generator, with a check of each output. */
  act?: Act;
  /** Whether the fault applies while connecting, and not to a call of a connected client. Default `false`. */
  connecting?: boolean;
  connect?: ConnectOptions;
  options?: CallOptions & { resubmit?: boolean; onQueueFull?: "fail" | "wait" };
  /**
   * Allowed outcomes: `"right"`, or an error as {@link describeError} describes it; without brackets, any error of that class; `"typed"`
   * is any class of the SDK.
   */
  allowed: readonly string[];
  /** HTTP status that the error must have. */
  status?: number;
  /** Maximum number of milliseconds until the outcome. */
  bound: number;
  /** Maximum number of `POST queue/join` requests. Default 1. */
  joins?: number;
  /** Maximum number of those that may reach the app. Default: `joins`. */
  runs?: number;
  /** Additional outcomes that are allowed in pages. */
  inPages?: { allowed: readonly string[]; joins?: number; bound?: number };
  /** Whether the row resembles others and runs only when all rows run: `npm run faults`. Default `false`. */
  similar?: boolean;
  /** Platforms that the row runs on. Default: all. */
  where?: "node";
}

/** Works with a client. Resolves if everything was right; rejects with the error of a call, or with {@link Wrong}. */
export type Act = (client: Client, world: World, options: CallOptions) => Promise<void>;

/** A wrong result, which is worse than any error. */
export class Wrong extends Error {}

/** Time limit of an outcome "at once": two seconds. */
export const AT_ONCE = 2_000;
/** Additional time for retries against one failure. */
export const RETRIED = 4_000;

/** Matches a request. */
export const CONFIG = { method: "GET", path: "/config" };
export const INFO = { method: "GET", path: "/info" };
export const JOIN = { method: "POST", path: "/queue/join" };
export const STREAM = { method: "GET", path: "/queue/data" };
export const UPLOAD = { method: "POST", path: "/upload" };
export const FILE = { method: "GET", path: "/file=**" };
export const CANCEL = { method: "POST", path: "/cancel" };
export const HEARTBEAT = { method: "GET", path: "/heartbeat/*" };

/** Error page of a gateway. */
export const GATEWAY = "<html><head><title>Bad gateway</title></head><body>the server is not there</body></html>";
