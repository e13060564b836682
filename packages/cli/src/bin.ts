#!/usr/bin/env node
import { Interruption } from "./exit.ts";
import { main } from "./main.ts";

const ending = new AbortController();

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => {
    // The first one cancels what runs; a second one ends the program as it is.
    if (ending.signal.aborted) process.exit(code);
    ending.abort(new Interruption(code));
  });

// The reader of stdout has gone, as in `| head -1`: the rest has no reader.
process.stdout.on("error", () => ending.abort(new Interruption(141, true)));
process.stderr.on("error", () => undefined);

let hasRead = false;
const { stdout, stderr, env } = process;
const io = {
  get stdin() {
    hasRead = true;
    return process.stdin;
  },
  stdout,
  stderr,
  env,
};

const code = await main(process.argv.slice(2), io, ending.signal);
const { reason } = ending.signal as { reason: unknown };
process.exitCode = reason instanceof Interruption ? reason.exitCode : code;
// A stdin that is still open would keep the program alive.
if (hasRead) process.stdin.destroy();
