import type { PassedRequest, Rule } from "@gradio-rx/testing";
import { inject } from "vitest";
import { appUrl, place } from "../contract/place.ts";

/** Environment of a fault: an app, a proxy for it, and another address that the client must not contact. */
export interface World {
  app: string;
  proxy: Proxy;
  elsewhere: Proxy;
  /** Texts of the calls of the generator, whose runs at the app are counted. */
  texts: string[];
}

/** A fault proxy that runs in the process of the servers. */
export class Proxy {
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  static async open(app: string): Promise<Proxy> {
    return new Proxy((await ask("proxy/open", { app })) as string);
  }

  async add(rules: readonly Rule[]): Promise<void> {
    await this.#ask("add", {}, rules);
  }

  async clear(): Promise<void> {
    await this.#ask("clear");
  }

  /** Refuses connections, for some milliseconds or until `accept`. */
  async refuse(milliseconds?: number): Promise<void> {
    await this.#ask("refuse", milliseconds === undefined ? {} : { for: String(milliseconds) });
  }

  async accept(): Promise<void> {
    await this.#ask("accept");
  }

  async requests(): Promise<PassedRequest[]> {
    return (await this.#ask("requests")) as PassedRequest[];
  }

  async close(): Promise<void> {
    await this.#ask("close");
  }

  async #ask(verb: string, query: Record<string, string> = {}, body?: unknown): Promise<unknown> {
    return await ask(`proxy/${verb}`, { ...query, proxy: this.url }, body);
  }
}

/** Creates an environment; `leave` closes it. */
export async function open(name = "main"): Promise<World & { leave: () => Promise<void> }> {
  const app = await appUrl(name);
  const [proxy, elsewhere] = await Promise.all([Proxy.open(app), Proxy.open(app)]);
  const texts: string[] = [];
  return {
    app,
    proxy,
    elsewhere,
    texts,
    leave: async () => void (await Promise.all([proxy.close(), elsewhere.close()])),
  };
}

/** Suspends the process of an app, or resumes it. */
export async function freeze(name: string, still: boolean): Promise<void> {
  await ask("freeze", { name, still: String(still) });
}

/** Ends an app as its owner does. */
export async function stopApp(name: string): Promise<void> {
  await ask("kill", { name, politely: "true" });
}

/** Sends the outcomes of this run to the process that stores them. */
export async function keep(run: string, outcomes: unknown): Promise<void> {
  await ask("outcome", { run }, outcomes);
}

async function ask(verb: string, query: Record<string, string>, body?: unknown): Promise<unknown> {
  const url = `${inject("control")}/${verb}?${new URLSearchParams({ ...query, place })}`;
  const response = await fetch(url, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`control: ${await response.text()}`);
  return await response.json();
}
