// #region message
import { AppError, type Client, GradioError, InputError, isRetryable, QueueFullError } from "@gradio-rx/node";

/** Returns a sentence for the user about an error of a call. */
export function messageOf(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof QueueFullError) return "The app is busy. Try again later.";
  if (error instanceof InputError) return `Invalid input: ${error.message}`;
  if (error instanceof GradioError) return `${error.code}: ${error.message}`;
  throw error;
}
// #endregion message

export async function typo(client: Client): Promise<string> {
  // #region typo
  const error = await client.predict("/gret", ["Ada"]).catch((reason: unknown) => reason);
  // InputError: The app has no endpoint "/gret". Did you mean "/greet"? …
  // #endregion typo
  return messageOf(error);
}

// #region again
/** Calls an endpoint. If the function certainly did not run, calls it a second time. */
export async function predictTwice(client: Client, endpoint: string, data: readonly unknown[]): Promise<unknown> {
  try {
    return await client.predict(endpoint, data);
  } catch (error) {
    if (!isRetryable(error)) throw error;
    return await client.predict(endpoint, data);
  }
}
// #endregion again
