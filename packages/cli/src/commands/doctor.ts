import { type Client, GradioError } from "@gradio-rx/node";
import { connect } from "../connect.ts";
import { checkCookies, checkCors, checkStream } from "../doctor/answers.ts";
import type { Check, State } from "../doctor/check.ts";
import { checkEndpoints, checkRoot } from "../doctor/config.ts";
import { checkAddress } from "../doctor/address.ts";
import { exitCodes, UsageError } from "../exit.ts";
import { isTerminal, style, write } from "../io.ts";
import type { CommonOptions, Run } from "../run.ts";
import { clean } from "../terminal/clean.ts";
import { columnsOf, wrap } from "../terminal/layout.ts";
import { isSpace } from "../token.ts";

/** Checks an app and the way to it; runs none of its functions. */
export async function doctor(run: Run<CommonOptions & { origin?: string }>, app: string): Promise<number> {
  const { io, options } = run;
  if (options.origin !== undefined && !URL.canParse(options.origin))
    throw new UsageError(`${JSON.stringify(options.origin)} is not an origin: write --origin https://www.example.com.`);
  const checks = await examine(run, app);
  const text = options.json ? `${JSON.stringify({ app, checks })}\n` : checks.map((check) => row(check, run)).join("");
  await write(io.stdout, text);
  return checks.some(({ state }) => state === "fail") ? exitCodes.no : exitCodes.done;
}

const names = ["address", "space", "config", "endpoints", "root", "stream", "cors", "cookies"] as const;

async function examine(run: Run<CommonOptions & { origin?: string }>, app: string): Promise<Check[]> {
  const asksHub = isSpace(app, run.io.env);
  const first: Check[] = asksHub
    ? [skip("address", "The Hub says where a Space is.")]
    : [await checkAddress(app, run.signal)];
  const blocked = (more: readonly Check[]): Check[] => [
    ...more,
    ...names.slice(more.length).map((name) => skip(name, "The app could not be reached.")),
  ];
  if (first[0]!.state === "fail") return blocked(first);
  let client: Client;
  try {
    ({ client } = await connect(run, app));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof GradioError)) throw error;
    return blocked([...first, ...failed(error, asksHub)]);
  }
  try {
    const { url, version, protocol, spaceId } = client.app;
    const about = { client, run, url, origin: run.options.origin };
    return [
      ...first,
      asksHub ? ok("space", `${spaceId ?? app} runs.`) : skip("space", "The app was not named as a Space."),
      ok("config", `Gradio ${version}, protocol ${protocol}, at ${url}.`),
      checkEndpoints(client),
      checkRoot(client),
      await checkStream(about),
      await checkCors(about),
      await checkCookies(about),
    ];
  } finally {
    await client.close();
  }
}

/** The checks of the Space and of the configuration, where connecting failed. */
function failed(error: GradioError, asksHub: boolean): Check[] {
  const isSpaceFault = error.code === "space" || (asksHub && error.code === "authentication");
  const check = { state: "fail" as const, message: error.message, hint: hintOf(error) };
  if (isSpaceFault) return [{ name: "space", ...check }];
  const space = asksHub ? ok("space", "The Hub knows the Space.") : skip("space", "The app was not named as a Space.");
  return [space, { name: "config", ...check }];
}

function hintOf({ code }: GradioError): string {
  if (code === "authentication")
    return "Pass --auth USER:PASSWORD for an app with a login, --token for a private Space.";
  if (code === "protocol") return "Check the path of the address: something else than a Gradio app answers there.";
  if (code === "timeout") return "Check that the app runs, and that no firewall drops its answers.";
  return "Check that the app runs, and that its address is right.";
}

function ok(name: string, message: string): Check {
  return { name, state: "ok", message, hint: null };
}

function skip(name: string, message: string): Check {
  return { name, state: "skip", message, hint: null };
}

const colours: Readonly<Record<State, "green" | "yellow" | "red" | "dim">> = {
  ok: "green",
  warn: "yellow",
  fail: "red",
  skip: "dim",
};

function row({ name, state, message, hint }: Check, { io }: Run): string {
  const say = isTerminal(io.stdout) ? clean : (text: string): string => text;
  const columns = columnsOf(io.stdout);
  // The messages stand below each other where the terminal has room for that.
  const indent = columns < 60 ? 6 : 17;
  const head = wrap(
    `${style(colours[state], state.padEnd(4), io.stdout)}  ${name.padEnd(9)}  ${say(message)}`,
    columns,
    indent,
  );
  return hint === null ? `${head}\n` : `${head}\n${wrap(`${" ".repeat(indent)}${say(hint)}`, columns, indent)}\n`;
}
