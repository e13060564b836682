import { Client, type ConnectOptions } from "#sdk";
import { inject, onTestFinished } from "vitest";
import type { Place } from "../servers/control.ts";

/** Kind of app of this run. */
export const place: Place = inject("place");

/** Platform of this run. */
export const platform: "node" | "browser" = typeof window === "undefined" ? "node" : "browser";

/** Returns the URL of an app, which is started on first use. */
export async function appUrl(name = "main"): Promise<string> {
  return (await control("app", { name })) as string;
}

/** Connects to an app; the client is closed when the test ends. */
export async function connect(options: ConnectOptions = {}, name = "main"): Promise<Client> {
  const client = await Client.connect(await appUrl(name), options);
  onTestFinished(() => client.close());
  return client;
}

/** Returns the URL of a Hub on 127.0.0.1 whose Space `me/private` requires the token `hf_mine`. */
export async function hubUrl(): Promise<string> {
  return (await control("hub", {})) as string;
}

/** Kills an app. It is started again on the same port when it is next used. */
export async function killApp(name: string): Promise<void> {
  await control("kill", { name });
}

/**
 * Returns the number of requests that the app received: in real Gradio those with the header `x-run: RUN`, in the embedded app
 * all.
 */
export async function countRequests(name: string, run: string, method: string, path: string): Promise<number> {
  return (await control("count", { name, run, method, path })) as number;
}

async function control(verb: string, query: Record<string, string>): Promise<unknown> {
  const url = `${inject("control")}/${verb}?${new URLSearchParams({ ...query, place })}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`control: ${await response.text()}`);
  return await response.json();
}

/** Collects all values of an async iterable. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** Returns the error that a promise rejects with; fails if it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("Expected a rejection, but the promise resolved");
}

/** Waits until a condition holds. */
export async function until(holds: () => boolean | Promise<boolean>, patience = 20_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("The expected condition did not hold in time");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
