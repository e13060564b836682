import type { Client } from "@gradio-rx/node";
import type { Run } from "../run.ts";

/** Outcome of a check. */
export type State = "ok" | "warn" | "fail" | "skip";

/** One finding of `doctor`. */
export interface Check {
  name: string;
  state: State;
  message: string;
  /** Advice on what to do; `null` where there is nothing to do. */
  hint: string | null;
}

/** A connected app, and the settings of its checks. */
export interface About {
  client: Client;
  run: Run;
  /** The app's address, with a slash at its end. */
  url: string;
  /** Origin of a page that is to call the app. */
  origin: string | undefined;
}

/** Address of one of the app's routes. */
export function route({ client, url }: About, path: string): URL {
  const prefix = client.config["api_prefix"];
  return new URL(`${typeof prefix === "string" ? prefix.replace(/^\/+/, "").replace(/\/*$/, "/") : ""}${path}`, url);
}
