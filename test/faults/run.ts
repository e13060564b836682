import { Client } from "#sdk";
import type { Rule } from "@gradio-rx/testing";
import { inject } from "vitest";
import { platform } from "../contract/place.ts";
import { echo, generate, outputsOf, runsOf } from "./actions.ts";
import { type Row, Wrong } from "./row.ts";
import { violationIn, isAllowed, SECRET, describeError } from "./describe-error.ts";
import { delaySince } from "./pace.ts";
import { open, type World } from "./world.ts";

/** Outcome of a fault. */
export interface Outcome {
  family: string;
  fault: string;
  required: string;
  bound: number;
  outcome: string;
  milliseconds: number;
  /** Violations; empty if there are no violations. */
  faults: string[];
}

/** Milliseconds after its time limit at which a call counts as hanging, on a machine that does nothing else. */
const SLACK = platform === "browser" ? 6_000 : 2_500;

const escaped: string[] = [];

/** Records unhandled errors and rejections. */
export function watchEscapes(): void {
  const note = (reason: unknown): void => void escaped.push(describeError(reason));
  if (platform === "node") process.on("unhandledRejection", note);
  else window.addEventListener("unhandledrejection", (event) => note(event.reason));
}

/** Runs a row: one call meets the fault, a second call of the same client must succeed, and then the client closes. */
export async function runRow(row: Row): Promise<Outcome> {
  const world = await open();
  const faults: string[] = [];
  const at = (rules: readonly Rule[]): Rule[] =>
    JSON.parse(
      JSON.stringify(rules).replaceAll("$proxy", world.proxy.url).replaceAll("$elsewhere", world.elsewhere.url),
    );
  const before = escaped.length;
  const rules = at(row.rules);
  let client = row.connecting ? null : await connect(row, world);
  await world.proxy.add(rules);
  const begun = performance.now();
  const act = row.act ?? generate;
  const bound = (platform === "browser" ? row.inPages?.bound : undefined) ?? row.bound;
  const met = await settle(bound + SLACK, async () => {
    client ??= await connect(row, world);
    await act(client, world, row.options ?? {});
  });
  const milliseconds = Math.round(performance.now() - begun);
  const joins = (await world.proxy.requests()).filter(
    ({ method, path }) => method === "POST" && path.endsWith("/queue/join"),
  );
  await world.proxy.clear();
  await world.proxy.accept();

  const { outcome, error } = met;
  const allowed = [...row.allowed, ...(platform === "browser" ? (row.inPages?.allowed ?? []) : [])];
  if (!isAllowed(outcome, allowed)) faults.push(`outcome: ${outcome}`);
  const status = (error as { status?: number } | undefined)?.status;
  if (row.status !== undefined && outcome !== "right" && status !== row.status) faults.push(`status: ${status}`);
  const words = violationIn(error);
  if (words) faults.push(words);
  const most = (platform === "browser" ? row.inPages?.joins : undefined) ?? row.joins ?? 1;
  const runs = platform === "browser" && row.inPages ? most : (row.runs ?? most);
  if (joins.length > most) faults.push(`${joins.length} joins were sent`);
  const arrived = joins.filter(({ forwarded }) => forwarded).length;
  if (arrived > runs) faults.push(`${arrived} joins arrived`);
  // A client that was connecting during the fault, or whose call hangs, is not used again.
  if (met.hangs || (row.connecting && outcome !== "right")) client = null;

  const next = await settle(10_000, async () => {
    // The options for connecting during the fault do not apply here.
    client ??= await connect({ ...row, connect: {} }, world);
    await echo(client, world, {});
    await outputsOf(client, "äbc", 0.02);
  });
  if (next.outcome !== "right") faults.push(`the next call: ${next.outcome}`);
  faults.push(...(await repeatedRuns(client, world, isRepeated(row) ? runs : 1)));
  const last = await settle(2_500, async () => await client?.close());
  if (last.outcome !== "right") faults.push(`close(): ${last.outcome}`);
  const leaked = (await world.elsewhere.requests()).some(({ headers }) => JSON.stringify(headers).includes(SECRET));
  if (leaked) faults.push("a secret was sent to another origin");
  await world.leave();
  for (const one of escaped.slice(before)) faults.push(`not caught: ${one}`);
  const { family, name } = row;
  return { family, fault: name, required: allowed.join(", "), bound, outcome, milliseconds, faults };
}

/** Whether the call may be sent again: by the client as it was asked to, or by Chromium, which pages cannot prevent. */
function isRepeated({ options, inPages }: Row): boolean {
  return options?.resubmit === true || (platform === "browser" && inPages !== undefined);
}

/** The calls of the generator that the app ran more often than allowed, in words. */
async function repeatedRuns(client: Client | null, { texts }: World, allowed: number): Promise<string[]> {
  const found: string[] = [];
  for (const text of client ? texts : []) {
    const times = await runsOf(client!, text).catch(() => 0);
    if (times > allowed) found.push(`the app ran the call ${times} times`);
  }
  return found;
}

async function connect(row: Row, { proxy }: World): Promise<Client> {
  return await Client.connect(proxy.url, {
    token: `hf_${SECRET}`,
    headers: { "x-key": SECRET },
    retry: { minDelay: 100, maxDelay: 1_000 },
    timeout: 5_000,
    ...row.connect,
  });
}

interface Settled {
  outcome: string;
  error?: unknown;
  hangs?: boolean;
}

/** Returns the outcome of a promise; "hangs" if it takes too long for the speed of the machine. */
async function settle(limit: number, work: () => Promise<unknown>): Promise<Settled> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begun = performance.now();
  const late = new Promise<Settled>((resolve) => {
    const look = (): void => {
      const left = begun + limit + delaySince(begun) - performance.now();
      if (left <= 0) resolve({ outcome: "hangs", hangs: true });
      else timer = setTimeout(look, left);
    };
    timer = setTimeout(look, limit);
  });
  const done = work().then(
    (): Settled => ({ outcome: "right" }),
    (error: unknown): Settled => ({ outcome: describeError(error), error }),
  );
  const settled = await Promise.race([done, late]);
  clearTimeout(timer);
  return settled;
}

/** Whether a row runs on this platform and in this run. */
export function runsHere({ where, similar = false }: Row): boolean {
  if (similar && !inject("allFaults")) return false;
  return where === undefined || where === platform;
}

export { Wrong };
