import { type FaultProxy, faultProxy, type Rule } from "@gradio-rx/testing";

/** Fault proxies of tests, by name. Tests in pages control them over HTTP. */
export class Proxies {
  readonly #all = new Map<string, FaultProxy>();

  /** Carries out a command of a test. */
  async answer(verb: string, query: URLSearchParams, body: string): Promise<unknown> {
    if (verb === "open") {
      const proxy = await faultProxy(query.get("app") ?? "");
      this.#all.set(proxy.url, proxy);
      return proxy.url;
    }
    const proxy = this.#all.get(query.get("proxy") ?? "");
    if (!proxy) throw new Error("Unknown proxy");
    if (verb === "add") proxy.add(...(JSON.parse(body) as Rule[]));
    else if (verb === "clear") proxy.clear();
    else if (verb === "refuse") await proxy.refuse(query.has("for") ? Number(query.get("for")) : undefined);
    else if (verb === "accept") await proxy.accept();
    else if (verb === "close") {
      this.#all.delete(proxy.url);
      await proxy.close();
    } else if (verb !== "requests") throw new Error(`Unknown command ${verb}`);
    return proxy.requests;
  }

  /** Closes all proxies. */
  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#all.values(), (proxy) => proxy.close()));
  }
}
