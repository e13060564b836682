/** Options of an app. All of them are optional. */
export interface AppOptions {
  /** Maximum number of jobs that wait in the queue; one more is rejected with status 503. `null`: no limit. Default `null`. */
  maxSize?: number | null;
  /** Maximum number of jobs of one function that run at once, unless its endpoint sets a limit. `null`: no limit. Default 1, as in Gradio. */
  defaultConcurrencyLimit?: number | null;
  /** Whether callers receive the message of errors other than `AppFailure`. Default `false`. */
  showError?: boolean;
  /** Milliseconds between two heartbeat messages of a stream. Default 15 000. */
  heartbeatInterval?: number;
  /** Whether `/config` asks clients to keep a heartbeat request open. Default: `true` if an endpoint has state or streams its input. */
  connectHeartbeat?: boolean;
  /** Maximum size of an uploaded file in bytes. `null`: no limit. Default `null`. */
  maxFileSize?: number | null;
  /**
   * Public address that the app announces. A full URL is announced unchanged, even if it is wrong; a path replaces the path of
   * the request's URL. Default: the URL of the request, or the one that a proxy sets in `X-Forwarded-Host` and
   * `X-Forwarded-Proto`.
   */
  rootPath?: string;
  /** Path at which the app is mounted, such as `"/sub/app"`. Default: the root. */
  path?: string;
  /** Name and password of the only user. Default `null`: no login is required. A login sets cookies. */
  auth?: readonly [user: string, password: string] | null;
  /** Title of the page. Default `"Gradio"`. */
  title?: string;
}

/** Options with their defaults filled in. */
export type Settings = Required<Omit<AppOptions, "connectHeartbeat">> & Pick<AppOptions, "connectHeartbeat">;

/** Fills in the defaults of the options. */
export function withDefaults(options: AppOptions): Settings {
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
