import type { CallOptions, Client, ConnectOptions } from "#sdk";
import type { Rule } from "@gradio-rx/testing";
import type { World } from "./world.ts";

/** One fault: what strikes, what must come of it, and by when. */
export interface Row {
  /** Which requirement it stands for. */
  family: string;
  /** What strikes, in words; unlike all others. */
  name: string;
  /**
   * What the proxy does. In their strings `$proxy` and `$elsewhere` stand for the addresses of the proxy and of another one in front of
   * the same app.
   */
  rules: readonly Rule[];
  /** What is done while they hold. Default: a generator is called, and each of its outputs looked at. */
  act?: Act;
  /** Whether the fault strikes the connecting, not a call of a client that is connected. Default `false`. */
  connecting?: boolean;
  connect?: ConnectOptions;
  options?: CallOptions & { resubmit?: boolean; onQueueFull?: "fail" | "wait" };
  /**
   * What may come of it: `"right"`, or an error as {@link told} tells it; without brackets, all of that class; `"typed"` is
   * any class of the SDK's.
   */
  allowed: readonly string[];
  /** HTTP status that the error must have. */
  status?: number;
  /** Milliseconds until it has come. */
  bound: number;
  /** Most `POST queue/join` that may be sent. Default 1. */
  joins?: number;
  /** Most of them that may reach the app. Default: `joins`. */
  runs?: number;
  /** What may come of it in pages besides. */
  inPages?: { allowed: readonly string[]; joins?: number; bound?: number };
  /** Whether it is kin to others, and strikes only when all are wanted: `npm run faults`. Default `false`. */
  kin?: boolean;
  /** Where it strikes. Default: everywhere. */
  where?: "node";
}

/** Does something with a client. Resolves when it went right; rejects with the error of a call, or a {@link Wrong}. */
export type Act = (client: Client, world: World, options: CallOptions) => Promise<void>;

/** A result that is not what it must be: worse than any error. */
export class Wrong extends Error {}

/** "At once": two seconds. */
export const AT_ONCE = 2_000;
/** What retries against one failure add. */
export const RETRIED = 4_000;

/** A request that a rule is about. */
export const CONFIG = { method: "GET", path: "/config" };
export const INFO = { method: "GET", path: "/info" };
export const JOIN = { method: "POST", path: "/queue/join" };
export const STREAM = { method: "GET", path: "/queue/data" };
export const UPLOAD = { method: "POST", path: "/upload" };
export const FILE = { method: "GET", path: "/file=**" };
export const CANCEL = { method: "POST", path: "/cancel" };
export const HEARTBEAT = { method: "GET", path: "/heartbeat/*" };

/** The page of a gateway. */
export const GATEWAY = "<html><head><title>Bad gateway</title></head><body>the server is not there</body></html>";
