const hints: Readonly<Record<string, string>> = {
  authentication: "Pass --auth USER:PASSWORD for an app with a login, --token for a private Space.",
  queue_full: "With --wait the call waits for room.",
  connection: "With --resubmit a call whose connection broke is sent again.",
};

/** Advice on an error of the SDK, for the command line; `""` where the message is enough. */
export function hintOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  const { code } = error;
  // `--resubmit` does nothing for an app that was never reached.
  if (code === "connection" && !("eventId" in error && typeof error.eventId === "string")) return "";
  return typeof code === "string" && Object.hasOwn(hints, code) ? hints[code]! : "";
}
