import { Client, type NodeConnectOptions } from "#sdk";
import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
import type { Recorder } from "./hostile.ts";

/** Secrets that only the app may receive. */
export const secrets = {
  token: "hf_SECRETtokenSECRET",
  cookie: "SECRETcookieSECRET",
  header: "SECRETheaderSECRET",
  callHeader: "SECRETcallSECRET",
  ipToken: "SECRETvisitorSECRET",
  input: "SECRETinputSECRET",
} as const;

/** Client options with a secret of every kind. */
export const secretOptions = {
  token: secrets.token,
  cookies: `session=${secrets.cookie}`,
  ipToken: secrets.ipToken,
  headers: { "x-api-key": secrets.header },
  retry: { limit: 0 },
} as const satisfies NodeConnectOptions;

/** Call options with a secret. */
export const secretCall = { headers: { "x-call": secrets.callHeader } } as const;

/** Connects with a secret of every kind; the client is closed when the test ends. */
export async function connect(url: string, options: NodeConnectOptions = {}): Promise<Client> {
  const client = await Client.connect(url, { ...secretOptions, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Whether a text contains one of the secrets. */
export function leaks(text: string): string[] {
  return Object.values(secrets).filter((secret) => text.includes(secret));
}

/** Checks that a server that is not the app has received no data of the caller. */
export function expectBare(server: Recorder): void {
  for (const request of server.seen) expect(leaks(JSON.stringify(request)), JSON.stringify(request)).toEqual([]);
}

/** All texts in an error, including its causes. */
export function words(error: unknown): string {
  const said = [inspect(error, { depth: Infinity, showHidden: true, getters: true })];
  for (let one: unknown = error; one instanceof Error; one = one.cause)
    said.push(one.message, one.stack ?? "", JSON.stringify(one), String(one));
  return said.join("\n");
}

/** Returns the error that a promise rejects with; `undefined` if it resolves. */
export async function thrown(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
