/** Options of an {@link AppFailure}. */
export interface FailureOptions {
  /** Seconds for which the page shows the message; `null` or 0: until it is closed. Default 10. */
  duration?: number | null;
  /** Heading. Default `"Error"`. */
  title?: string;
  /** Whether the page shows the message. Default `true`. */
  visible?: boolean;
}

/**
 * An error whose message is sent to the caller, like `gr.Error` in Python.
 *
 * Any other error is sent as `{ error: null }`, unless the app has `showError: true`.
 *
 * @example
 * throw new AppFailure("That image is too dark", { title: "Try another", duration: 5 });
 */
export class AppFailure extends Error {
  /** Seconds for which the page shows the message; `null`: until it is closed. */
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

/** Data of a failure on the wire. */
export interface FailurePayload {
  error: string | null;
  duration?: number | null;
  visible?: boolean;
  title?: string;
}

/** Returns the data that is sent for an error that a function threw. */
export function failurePayload(error: unknown, showError: boolean): FailurePayload {
  if (error instanceof AppFailure) {
    return { error: error.message, duration: error.duration, visible: error.visible, title: error.title };
  }
  if (!showError) return { error: null };
  return { error: error instanceof Error ? error.message : String(error), visible: true };
}
