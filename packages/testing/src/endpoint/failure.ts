/** How an {@link AppFailure} is shown to the user. */
export interface FailureOptions {
  /** Seconds that the message stays on the page; `null` or 0 = until it is closed. Default 10. */
  duration?: number | null;
  /** The heading. Default `"Error"`. */
  title?: string;
  /** Whether the page shows it at all. Default `true`. */
  visible?: boolean;
}

/**
 * An error whose text reaches the caller: what `gr.Error` is in Python.
 *
 * Any other error reaches the caller as `{ error: null }`, unless the app has `showError: true`.
 *
 * @example
 * throw new AppFailure("That image is too dark", { title: "Try another", duration: 5 });
 */
export class AppFailure extends Error {
  /** Seconds, or `null` = until it is closed. */
  readonly duration: number | null;
  readonly title: string;
  readonly visible: boolean;

  constructor(message = "Error raised.", options: FailureOptions = {}) {
    super(message);
    this.name = "AppFailure";
    this.duration = options.duration === undefined ? 10 : options.duration;
    this.title = options.title ?? "Error";
    this.visible = options.visible ?? true;
  }
}

/** What the wire says of a failure. */
export interface FailurePayload {
  error: string | null;
  duration?: number | null;
  visible?: boolean;
  title?: string;
}

/** The wire's words for an error that a function threw. */
export function failurePayload(error: unknown, showError: boolean): FailurePayload {
  if (error instanceof AppFailure) {
    return { error: error.message, duration: error.duration, visible: error.visible, title: error.title };
  }
  if (!showError) return { error: null };
  return { error: error instanceof Error ? error.message : String(error), visible: true };
}
