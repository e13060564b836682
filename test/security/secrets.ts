import { Client, type NodeConnectOptions } from "#sdk";
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import type { Recorder } from "./hostile.ts";

/** What nobody but the app may see. */
export const secrets = {
  token: "hf_SECRETtokenSECRET",
  cookie: "SECRETcookieSECRET",
  header: "SECRETheaderSECRET",
  callHeader: "SECRETcallSECRET",
  ipToken: "SECRETvisitorSECRET",
  input: "SECRETinputSECRET",
} as const;

/** Options that hold a secret of every kind. */
export const secretOptions = {
  token: secrets.token,
  cookies: `session=${secrets.cookie}`,
  ipToken: secrets.ipToken,
  headers: { "x-api-key": secrets.header },
  retry: { limit: 0 },
} as const satisfies NodeConnectOptions;

/** Options of a call that hold one. */
export const secretCall = { headers: { "x-call": secrets.callHeader } } as const;

/** Connects with a secret of every kind; closed when the test ends. */
export async function connect(url: string, options: NodeConnectOptions = {}): Promise<Client> {
  const client = await Client.connect(url, { ...secretOptions, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Whether the text holds one of the secrets. */
export function leaks(text: string): string[] {
  return Object.values(secrets).filter((secret) => text.includes(secret));
}

/** Nothing of ours has come to a server that has no business with it. */
export function expectBare(server: Recorder): void {
  for (const request of server.seen) expect(leaks(JSON.stringify(request)), JSON.stringify(request)).toEqual([]);
}

/** Everything that an error says to whom it is shown, its causes included. */
export function words(error: unknown): string {
  const said = [inspect(error, { depth: Infinity, showHidden: true, getters: true })];
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    said.push(one.message, one.stack ?? "", JSON.stringify(one), String(one));
  return said.join("\n");
}

/** What a promise rejects with; `undefined` where it does not. */
export async function thrown(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
