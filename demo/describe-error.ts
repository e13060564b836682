import { AppError, AuthenticationError, GradioError, ProtocolError } from "@gradio-rx/client";

/** Parts of an error for a person. An error that is not of the SDK has only a message. */
export interface ErrorDescription {
  name?: string;
  code?: string;
  message: string;
  advice?: string;
}

/** Describes an error: its class, its code, its message with the title that the app gave it, and advice. */
export function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof GradioError)) return { message: error instanceof Error ? error.message : String(error) };
  const title = error instanceof AppError && error.title !== null && error.title !== "Error" ? `${error.title}: ` : "";
  const advice = adviceFor(error);
  return { name: error.name, code: error.code, message: title + error.message, ...(advice && { advice }) };
}

function adviceFor(error: GradioError): string | undefined {
  if (error instanceof ProtocolError) return "Check that there is a Gradio app at this URL.";
  if (error instanceof AuthenticationError)
    return "The app requires a login or a token: see the options of Client.connect.";
  return undefined;
}
