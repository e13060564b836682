/** How an app behaves. Every option may be left out. */
export interface AppOptions {
  /** Jobs that may wait; one more is refused with 503. `null` = any number. Default `null`. */
  maxSize?: number | null;
  /** Jobs of one function that run at once, where its endpoint does not say; `null` = any number. Default 1, as in Gradio. */
  defaultConcurrencyLimit?: number | null;
  /** Whether callers see the text of errors that are no `AppFailure`. Default `false`. */
  showError?: boolean;
  /** Milliseconds between two life signs of a stream. Default 15 000. */
  heartbeatInterval?: number;
  /** Whether `/config` asks clients to hold a heartbeat open. Default: whether some endpoint has state or streams its input. */
  connectHeartbeat?: boolean;
  /** Bytes that one uploaded file may have; `null` = any number. Default `null`. */
  maxFileSize?: number | null;
  /**
   * What the app believes to be its public address. A full URL is announced as it is, right or wrong; a path replaces the
   * path of the address that the request came to. Default: the address of the request, or what a proxy says in
   * `X-Forwarded-Host` and `X-Forwarded-Proto`.
   */
  rootPath?: string;
  /** The path under which the app is mounted, as `"/sub/app"`. Default: none. */
  path?: string;
  /** The one user who may call it, and the password. Default: everybody may. Callers keep the cookies of a login. */
  auth?: readonly [user: string, password: string] | null;
  /** The title of its page. Default `"Gradio"`. */
  title?: string;
}

/** All options, settled. */
export type Settings = Required<Omit<AppOptions, "connectHeartbeat">> & Pick<AppOptions, "connectHeartbeat">;

/** Fills in the defaults. */
export function settle(options: AppOptions): Settings {
  const path = (options.path ?? "").replace(/\/+$/, "");
  return {
    maxSize: null,
    defaultConcurrencyLimit: 1,
    showError: false,
    heartbeatInterval: 15_000,
    maxFileSize: null,
    rootPath: "",
    auth: null,
    title: "Gradio",
    ...options,
    path: path === "" || path.startsWith("/") ? path : `/${path}`,
  };
}
