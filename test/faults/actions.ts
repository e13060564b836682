import { type CallOptions, type Client, type FileData, GradioError } from "#sdk";
import { platform, until } from "../contract/place.ts";
import { AT_ONCE, type Act, Wrong } from "./row.ts";
import { describeError } from "./describe-error.ts";

/** Text in which every character has several bytes, so that each event can be cut within a character. */
const TEXT = "äöü✓é";

/** Returns a text that no other call has, so that the app's runs of the call can be counted. */
export function ownText(): string {
  const letter = (): string => String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000));
  return `${TEXT}${letter()}${letter()}`;
}

/** Returns the number of times that the app has run the call of the generator with a text. */
export async function runsOf(client: Client, text: string): Promise<number> {
  return (await client.predict<{ started: number }>("/record", [text], { isolate: true })).started;
}
const DELAY = 0.04;

/** Calls a generator and checks every output. */
export const generate: Act = async (client, { texts }, options) => {
  const text = ownText();
  texts.push(text);
  await outputsOf(client, text, DELAY, options);
};

/** Calls a generator and checks each output, also those before an error. */
export async function outputsOf(client: Client, text: string, delay: number, options: CallOptions = {}): Promise<void> {
  const job = client.submit<string>("/generate", [text, delay], options);
  const all = Array.from(text, (_, at) => text.slice(0, at + 1));
  const settled = await job.result().then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  const outputs = job.outputs();
  if (outputs.some((output, at) => output !== all[at])) throw new Wrong(`outputs ${JSON.stringify(outputs)}`);
  if ("error" in settled) throw settled.error;
  if (settled.result !== text || outputs.length !== all.length)
    throw new Wrong(`${outputs.length} outputs, and ${JSON.stringify(settled.result)}`);
}

/** Calls a plain function. */
export const echo: Act = async (client, _, options) => {
  const text = `echo ✓ ${Math.random()}`;
  const answer = await client.predict("/echo", [text], options);
  if (answer !== text) throw new Wrong(JSON.stringify(answer));
};

/** Makes two calls on one stream; both must have the same outcome. */
export const two: Act = async (client, { texts }, options) => {
  const own = [ownText(), ownText()];
  texts.push(...own);
  const jobs = own.map((text) => outputsOf(client, text, DELAY, options));
  const outcomes = (await Promise.allSettled(jobs)).map((one) => (one.status === "rejected" ? one.reason : null));
  const [first, second] = outcomes;
  if ((first === null) !== (second === null) || describeError(first) !== describeError(second))
    throw new Wrong(`${describeError(first)}, but ${describeError(second)}`);
  if (first !== null) throw first;
};

/** Makes a call that runs while another one joins: the first must succeed, the second has the outcome. */
export const besideAnother: Act = async (client, _, options) => {
  const job = client.submit("/generate", ["abcdefghijklmnop", 0.08]);
  await until(() => job.status().stage === "generating");
  const second = await echo(client, _, options).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const outputs = await job.result().then(
    () => job.outputs().length,
    (error: unknown) => describeError(error),
  );
  if (outputs !== 16) throw new Wrong(`the other call: ${outputs}`);
  if (second) throw second.error;
};

/** Calls a function that runs longer than the proxy's limit for a response; shorter calls before and after must succeed. */
export const longBetweenShort: Act = async (client, world, options) => {
  await echo(client, world, {});
  const long = await outputsOf(client, "abcdefghijklmnopqrst", 0.1, options).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  await echo(client, world, {});
  if (long) throw long.error;
};

/** Uploads a file with a call. */
export const upload: Act = async (client, _, options) => {
  const file = new File([new Uint8Array(300_000).fill(120)], "fault.bin");
  const info = await client.predict<{ size: number; head: string }>("/file_info", [file], options);
  if (info.size !== 300_000 || info.head !== "78".repeat(16)) throw new Wrong(JSON.stringify(info));
};

const SIZE = 200_000;

/** Fetches a file that the app creates. */
export const download: Act = async (client) => {
  const file = await client.predict<FileData>("/file_make", ["made.bin", SIZE]);
  await fetchWhole(client, file);
};

/** Downloads a file: completely, or without leaving a partial file behind. Node only. */
async function fetchWhole(client: Client, file: FileData): Promise<void> {
  const [{ mkdtemp, readFile, readdir, rm }, { tmpdir }] = await Promise.all([
    import("node:fs/promises"),
    import("node:os"),
  ]);
  const dir = await mkdtemp(`${tmpdir()}/faults-`);
  try {
    const path = await client.download(file, { dir }).catch(async (error: unknown) => {
      const remains = await readdir(dir);
      throw remains.includes("made.bin") ? new Wrong(`remains: ${remains.join()}`) : error;
    });
    if (!path.startsWith(dir)) throw new Wrong(`written to ${path}`);
    const content = await readFile(path);
    if (content.length !== SIZE || content.some((byte) => byte !== 120)) throw new Wrong(`${content.length} bytes`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Cancels a running call, which must end as cancelled whatever the app responds. */
export const cancel: Act = async (client) => {
  const job = client.submit("/infinite", [0.05]);
  await until(() => job.outputs().length > 1);
  const begun = performance.now();
  const telling = job.cancel();
  const error = await job.result().catch((thrown: unknown) => thrown);
  if (performance.now() - begun > 200) throw new Wrong("it took its time");
  await telling;
  if (performance.now() - begun > AT_ONCE + 500) throw new Wrong("telling the app took too long");
  throw error instanceof GradioError ? error : new Wrong(String(error));
};

/** Makes a call with state, which requires the heartbeat. */
export const withState: Act = async (client, world, options) => {
  const first = await client.predict<number>("/counter", [1], options);
  await generate(client, world, options);
  const second = await client.predict<number>("/counter", [1], options);
  if (second !== first + 1) throw new Wrong(`${first}, then ${second}`);
};

/** Refuses connections for a while and makes a call in that time. */
export const refused =
  (milliseconds: number, act: Act = generate): Act =>
  async (client, world, options) => {
    await world.proxy.refuse(milliseconds);
    await act(client, world, options);
  };

export { platform };
