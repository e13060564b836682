/** Exit codes of the program. */
export const exitCodes = {
  done: 0,
  /** The command ran, and the answer is no: the app raised an error, a check found a difference or a fault. */
  no: 1,
  /** The command line, the data or a local file is wrong; nothing was sent. */
  usage: 2,
  validation: 3,
  authentication: 4,
  connection: 5,
  timeout: 6,
  busy: 7,
  transfer: 8,
  /** The app cancelled the call. */
  cancelled: 9,
  /** A defect of this program. */
  defect: 70,
} as const;

/** Exit codes by `GradioError.code`. */
const byCode: Readonly<Record<string, number>> = {
  app: exitCodes.no,
  input: exitCodes.usage,
  validation: exitCodes.validation,
  authentication: exitCodes.authentication,
  connection: exitCodes.connection,
  session_lost: exitCodes.connection,
  protocol: exitCodes.connection,
  space: exitCodes.connection,
  timeout: exitCodes.timeout,
  queue_full: exitCodes.busy,
  rate_limit: exitCodes.busy,
  quota: exitCodes.busy,
  upload: exitCodes.transfer,
  download: exitCodes.transfer,
  file_too_large: exitCodes.transfer,
  cancelled: exitCodes.cancelled,
};

/** The command line is wrong. The message says what to write instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "input";
}

/** Reason of the abort when a signal of the system, or a closed stdout, ends the program. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  readonly code = "cancelled";
  readonly exitCode: number;
  /** Whether the user is told. */
  readonly silent: boolean;

  constructor(exitCode: number, silent = false) {
    super("Cancelled");
    this.exitCode = exitCode;
    this.silent = silent;
  }
}

/** Exit code of the program that failed with this error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interruption) return error.exitCode;
  return byCode[codeOf(error)] ?? exitCodes.defect;
}

/** Code of an error: that of the SDK; `"download"` for a failure of the file system, where results are saved. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return "defect";
  if (Object.hasOwn(byCode, error.code)) return error.code;
  return "syscall" in error ? "download" : "defect";
}

/** The error as one JSON value: the fields of the SDK's errors, and name, code and message of any other. */
export function errorJson(error: unknown): Record<string, unknown> {
  if (typeof error === "object" && error !== null && "toJSON" in error && typeof error.toJSON === "function")
    return error.toJSON() as Record<string, unknown>;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { name, code: codeOf(error), message };
}
