import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AdapterName } from "./adapters/adapter.ts";
import type { Options } from "./arguments.ts";
import { counts, sample, serve, type Served, serveGradio, setUp } from "./children.ts";
import { here } from "./compile.ts";
import { judge, median, type Medians, type Result } from "./rows.ts";
import type { Params } from "./sample/sample.ts";
import type { Scenario, Settings } from "./scenarios.ts";
import { plain } from "./server/setup.ts";
import { block } from "./values.ts";

/** Maximum number of milliseconds for one sample, for one sample of a quick run, and for a process to exit. */
const TIME_LIMIT = 120_000;
const QUICK_TIME_LIMIT = 20_000;
const END = 3_000;

/** Settings of a run. */
export interface Bench {
  options: Options;
  /** Path of the compiled sample. */
  program: string;
  /** Folder for transferred files and profiles. */
  folder: string;
  say: (text: string) => void;
}

/** Figures of the samples of one adapter, or the reason why there are no figures. */
type Found = (Record<string, number> | string)[];

/**
 * Runs scenarios in rounds. In each round the adapters run one after the other, each round starting with another one, so that
 * load on the machine affects all of them alike.
 */
export async function runAll(
  bench: Bench,
  scenarios: readonly Scenario[],
): Promise<{ results: Result[]; gradio: string }> {
  const server = await serve();
  const gradio = scenarios.some((scenario) => scenario.gradio)
    ? await serveGradio(gradioOutputs(scenarios, bench))
    : null;
  const found = new Map(scenarios.map((scenario) => [scenario, new Map<AdapterName, Found>()]));
  try {
    const most = Math.max(...scenarios.map((scenario) => roundsOf(scenario, bench.options)));
    for (let round = 0; round < most; round++) {
      for (const scenario of scenarios) {
        if (round >= roundsOf(scenario, bench.options)) continue;
        bench.say(`round ${round + 1}: ${scenario.id}`);
        for (const adapter of rotated(adaptersOf(scenario, bench.options), round)) {
          const figures = await runSample(bench, scenario, adapter, scenario.gradio ? gradio! : server);
          const all = found.get(scenario)!;
          all.set(adapter, [...(all.get(adapter) ?? []), figures]);
        }
      }
    }
  } finally {
    server.stop();
    gradio?.stop();
  }
  const results = scenarios.flatMap((scenario) =>
    scenario.rows.map((row) => judge(row, medians(found.get(scenario)!, row.figure))),
  );
  return { results, gradio: gradio?.version ?? "" };
}

function roundsOf({ rounds = 3 }: Scenario, options: Options): number {
  return options.rounds ?? (options.quick || options.profile ? 1 : rounds);
}

function adaptersOf({ adapters, slowInPython }: Scenario, options: Options): readonly AdapterName[] {
  return adapters
    .filter((name) => options.adapters?.includes(name) ?? true)
    .filter((name) => !(options.quick && slowInPython && name === "py"));
}

function gradioOutputs(scenarios: readonly Scenario[], { options }: Bench): number {
  return Math.max(
    1,
    ...scenarios.filter(({ gradio }) => gradio).map((scenario) => settingsOf(scenario, "ours", options).outputs),
  );
}

function rotated<One>(list: readonly One[], by: number): One[] {
  const at = by % Math.max(1, list.length);
  return [...list.slice(at), ...list.slice(0, at)];
}

function settingsOf(scenario: Scenario, adapter: AdapterName, options: Options): typeof plain & { calls: number } {
  const { settings, quick, py } = scenario;
  const layers: (Settings | undefined)[] = [
    settings,
    options.quick ? quick : undefined,
    adapter === "py" ? py : undefined,
  ];
  return Object.assign({ ...plain, calls: 1 }, ...layers.filter((layer) => layer !== undefined));
}

/** Runs one sample; returns its figures, or the reason why there are no figures. */
async function runSample(
  bench: Bench,
  scenario: Scenario,
  adapter: AdapterName,
  server: Served,
): Promise<Found[number]> {
  const { calls, ...setup } = settingsOf(scenario, adapter, bench.options);
  const { outputs, megabytes, delay } = setup;
  const folder = join(bench.folder, "files");
  const params: Params = { url: server.url, folder, calls, outputs, megabytes, delay, repeats: adapter === "js" };
  if (scenario.sample === "upload") writeFile(folder, megabytes);
  else clear(folder);
  if (!scenario.gradio) await setUp(server.url, setup);
  try {
    return await measured(bench, scenario, adapter, params);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    bench.say(`  ${adapter}: ${why}`);
    return why;
  } finally {
    clear(folder);
  }
}

async function measured(
  bench: Bench,
  scenario: Scenario,
  adapter: AdapterName,
  params: Params,
): Promise<Found[number]> {
  const given = JSON.stringify(params);
  const [command, args] =
    adapter === "py"
      ? [process.env["GRADIO_PYTHON"]!, [`${here}python/sample.py`, scenario.sample, given]]
      : [process.execPath, ["--expose-gc", "--no-flush-bytecode", bench.program, scenario.sample, adapter, given]];
  const env: Record<string, string> = { HF_HUB_DISABLE_TELEMETRY: "1", HF_HUB_OFFLINE: "1" };
  if (bench.options.profile) env["PROFILE"] = join(bench.folder, `${scenario.id}-${adapter}.cpuprofile`);
  const { figures, ended, stop } = await sample(command, args, {
    timeLimit: bench.options.quick ? QUICK_TIME_LIMIT : TIME_LIMIT,
    env,
  });
  if (scenario.sample === "close") {
    const end = await ended(END);
    stop();
    return end === null ? "never" : { ms: end - figures["closing"]! };
  }
  stop();
  if (scenario.gradio) return figures;
  const seen = await counts(params.url);
  if (scenario.sample === "upload" && seen.uploaded < params.megabytes * 1_048_576)
    return "Less arrived than was sent.";
  const requests = Object.values(seen.requests).reduce((sum, count) => sum + count, 0);
  return { ...figures, requests, connections: seen.connections };
}

function medians(found: ReadonlyMap<AdapterName, Found>, figure: string): Medians {
  const columns = Array.from(found, ([adapter, samples]) => {
    const figures = samples.flatMap((one) => (typeof one === "string" ? [] : (one[figure] ?? [])));
    const why = samples.find((one) => typeof one === "string");
    return [adapter, figures.length > 0 ? median(figures) : why] as const;
  });
  return Object.fromEntries(columns.filter(([, middle]) => middle !== undefined));
}

function writeFile(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "sent.bin");
  writeFileSync(path, "");
  for (let size = 0; size < megabytes * 1_048_576; size += block.length) writeFileSync(path, block, { flag: "a" });
}

function clear(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}
