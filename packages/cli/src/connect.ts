import { Client, type NodeConnectOptions, TimeoutError } from "@gradio-rx/node";
import { duration } from "./duration.ts";
import { UsageError } from "./exit.ts";
import { style, write } from "./io.ts";
import type { CommonOptions, Run } from "./run.ts";
import { cleanLine } from "./terminal/clean.ts";
import { tokenFor } from "./token.ts";

/** A connected client, and what ends its calls. */
export interface Connected {
  client: Client;
  /** Aborted when the program is to end, or `--timeout` has run out, with the reason. */
  signal: AbortSignal;
}

/**
 * Connects to an app as the command line says.
 *
 * @param more - options that this command adds.
 * @throws UsageError before anything is sent; the errors of `Client.connect`.
 */
export async function connect(run: Run, app: string, more: NodeConnectOptions = {}): Promise<Connected> {
  const signal = limited(run);
  const client = await Client.connect(app, { ...(await connectOptions(run, app)), signal, ...more });
  return { client, signal };
}

/**
 * Options for connecting to an app as the command line says, without a signal.
 *
 * @throws UsageError for a login or a header that cannot be read.
 */
export async function connectOptions(run: Run, app: string): Promise<NodeConnectOptions> {
  const { options, io } = run;
  const token = await tokenFor(app, options.token, io.env);
  return {
    ...(token === undefined ? {} : { token }),
    ...login(options, io.env),
    ...(options.header === undefined ? {} : { headers: headers(options.header) }),
    // With --json, stderr stays empty.
    ...(options.verbose && !options.json ? { logger: logger(run) } : {}),
    onSpaceStatus: ({ message }) => tell(run, message),
  };
}

/**
 * The signal of a command or a call, which is also aborted after the time of `--timeout`, with a TimeoutError.
 *
 * @param subject - what has the limit, for the error.
 * @throws UsageError for a time that is not a duration.
 */
export function limited(
  { options: { timeout }, signal }: Pick<Run, "options" | "signal">,
  subject = "The command",
): AbortSignal {
  if (timeout === undefined) return signal;
  const late = new AbortController();
  const end = (): void => {
    const message = `${subject} took longer than its time limit, --timeout ${timeout}.`;
    late.abort(new TimeoutError(message, { kind: "call" }));
  };
  setTimeout(end, duration(timeout)).unref();
  return AbortSignal.any([signal, late.signal]);
}

function tell({ io, options }: Run, message: string): void {
  if (!options.quiet && !options.json) void write(io.stderr, `${cleanLine(message)}\n`);
}

function logger({ io }: Run): NonNullable<NodeConnectOptions["logger"]> {
  const line =
    (level: string) =>
    (message: string): void =>
      void write(io.stderr, `${style("dim", `${level}: ${cleanLine(message)}`, io.stderr)}\n`);
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** The login of `--auth` or `GRADIO_AUTH`. */
function login(
  { auth }: CommonOptions,
  env: Run["io"]["env"],
): Pick<NodeConnectOptions, "auth"> | Record<string, never> {
  const given = auth ?? env["GRADIO_AUTH"];
  if (given === undefined) return {};
  const colon = given.indexOf(":");
  if (colon < 1) throw new UsageError("The login has no colon: write --auth USER:PASSWORD, or set GRADIO_AUTH so.");
  return { auth: [given.slice(0, colon), given.slice(colon + 1)] };
}

function headers(given: readonly string[]): Headers {
  const made = new Headers();
  for (const header of given) {
    const colon = header.indexOf(":");
    // The value stays out of the sentence: it may be a secret.
    if (colon < 1) throw new UsageError("A header has no colon: write -H 'Name: value'.");
    try {
      made.append(header.slice(0, colon).trim(), header.slice(colon + 1).trim());
    } catch {
      throw new UsageError(
        `The header ${JSON.stringify(header.slice(0, colon))} holds a character that no header can have.`,
      );
    }
  }
  return made;
}
