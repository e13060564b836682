import { Client, type ConnectOptions } from "#sdk";
import { inject, onTestFinished } from "vitest";
import type { Place } from "../servers/control.ts";

/** Which kind of app this run is over. */
export const place: Place = inject("place");

/** Which platform this run is on. */
export const platform: "node" | "browser" = typeof window === "undefined" ? "node" : "browser";

/** Address of an app; started when it is first asked for. */
export async function appUrl(name = "main"): Promise<string> {
  return (await control("app", { name })) as string;
}

/** A client of an app; closed when the test ends. */
export async function connect(options: ConnectOptions = {}, name = "main"): Promise<Client> {
  const client = await Client.connect(await appUrl(name), options);
  onTestFinished(() => client.close());
  return client;
}

/** Address of a Hub on loopback whose Space `me/private` wants the token `hf_mine`. */
export async function hubUrl(): Promise<string> {
  return (await control("hub", {})) as string;
}

/** Ends an app as a crash would; it is started again on the same port when it is next asked for. */
export async function killApp(name: string): Promise<void> {
  await control("kill", { name });
}

/** How many requests the app has seen: on real Gradio those of clients that send `x-run: RUN`, on the embedded app all. */
export async function countRequests(name: string, run: string, method: string, path: string): Promise<number> {
  return (await control("count", { name, run, method, path })) as number;
}

async function control(verb: string, query: Record<string, string>): Promise<unknown> {
  const url = `${inject("control")}/${verb}?${new URLSearchParams({ ...query, place })}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`control: ${await response.text()}`);
  return await response.json();
}

/** Collects everything that an async iterable gives. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** The error that a promise rejects with; fails where it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a rejection, and there was none");
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>, patience = 20_000): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("what was waited for did not come about");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
