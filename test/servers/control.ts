import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServedApp } from "@gradio-rx/testing";
import { startEmbedded } from "../contract/embedded.ts";
import { balance } from "./balancer.ts";
import { Hub } from "./hub.ts";
import { Outcomes } from "./outcomes.ts";
import { Proxies } from "./proxies.ts";
import { Turns } from "./turns.ts";
import { newest } from "./versions.ts";
import { freePort } from "./free-port.ts";

/** Kinds of app that the contract suite runs against: the embedded one, or real Gradio of a version. */
export type Place = "embedded" | `${number}.${number}.${number}`;

/**
 * Name of an app. `main`: for most tests. `odd`: mounted under a path, with a queue for two jobs and a small limit for files.
 * `narrow`: one call at a time. `locked`: behind a login. `components` and `audio`: on real Gradio, one endpoint per component,
 * and one for audio. `varied`: on real Gradio, apps that differ in everything that types are made from. `balanced`: two replicas behind a balancer that uses a cookie. Any other name is an app like `main` of its
 * own, and a second word makes another app of the same kind: `locked again`.
 */
export type AppName = string;

/** Properties in which apps differ. */
interface Shape {
  maxSize: number;
  concurrency: number;
  showError: boolean;
  maxFileSize: number | undefined;
  /** Script that serves it on real Gradio: `mount` under a path, `login` behind a login; the others are other apps. */
  script: "app" | "mount" | "login" | "audio" | "components" | "direct" | "rest" | "varied" | "page";
}

const MAIN: Shape = { maxSize: 1_000, concurrency: 8, showError: false, maxFileSize: undefined, script: "app" };
const ODD: Shape = { maxSize: 2, concurrency: 1, showError: true, maxFileSize: 1_000, script: "mount" };
const NARROW: Shape = { ...MAIN, concurrency: 1 };
const LOCKED: Shape = { ...MAIN, script: "login" };
const REST: Shape = { ...MAIN, script: "rest" };
const DIRECT: Shape = { ...MAIN, script: "direct" };
const COMPONENTS: Shape = { ...MAIN, script: "components" };
const PAGE: Shape = { ...MAIN, script: "page" };
const AUDIO: Shape = { ...MAIN, script: "audio" };
const shapes: Readonly<Record<AppName, Shape>> = {
  odd: ODD,
  narrow: NARROW,
  locked: LOCKED,
  components: COMPONENTS,
  audio: AUDIO,
  direct: DIRECT,
  rest: REST,
  varied: { ...MAIN, script: "varied" },
  page: PAGE,
};
const PATH = "/sub/path";

/** A running app that can be stopped, and started again on the same port. */
interface Running {
  url: string;
  port: number;
  /** Stops it: kills it, or with `politely` ends it as an owner does. */
  kill(politely?: boolean): Promise<void>;
  /** Suspends or resumes its process. Not available for the embedded app, which runs in this process. */
  freeze?: (still: boolean) => void;
  count(run: string, method: string, path: string): Promise<number>;
}

/** Starts apps for tests in Node and in pages, each on first use, and returns their URLs. */
export class Control {
  readonly #apps = new Map<string, Promise<Running>>();
  readonly #ports = new Map<string, number>();
  readonly #hubs = new Map<Place, Promise<Hub>>();
  readonly #proxies = new Proxies();
  readonly #outcomes = new Outcomes();
  readonly #turns = new Turns();
  /** Versions of Gradio whose apps run, the one that was used last at the end. */
  readonly #versions = new Set<Place>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** Listens on 127.0.0.1. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops all apps. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    for (const hub of this.#hubs.values()) await (await hub).close();
    await this.#proxies.stop();
    for (const app of this.#apps.values()) await (await app).kill();
  }

  /** A Hub with one Space, `me/private`, which requires the token `hf_mine`. */
  #hub(place: Place): Promise<Hub> {
    const open = async (): Promise<Hub> => {
      const hub = await Hub.start();
      await hub.add("me/private", { app: (await this.#app(place, "main")).url, token: "hf_mine" });
      return hub;
    };
    let hub = this.#hubs.get(place);
    if (!hub) this.#hubs.set(place, (hub = open()));
    return hub;
  }

  async #app(place: Place, name: AppName): Promise<Running> {
    if (place !== "embedded") await this.#turnTo(place);
    const key = `${place} ${name}`;
    let app = this.#apps.get(key);
    if (!app) this.#apps.set(key, (app = this.#open(place, name, key)));
    return await app;
  }

  /** Stops the apps of versions that are no longer needed: tests of at most two versions run at once (vitest.workspace.ts). */
  async #turnTo(version: Place): Promise<void> {
    this.#versions.delete(version);
    this.#versions.add(version);
    for (const old of [...this.#versions].slice(0, -2)) {
      this.#versions.delete(old);
      const apps = [...this.#apps].filter(([key]) => key.startsWith(`${old} `));
      for (const [key] of apps) this.#apps.delete(key);
      for (const [, app] of apps) await (await app).kill();
    }
  }

  /** Two apps at one URL. */
  async #balanced(place: Place): Promise<Running> {
    const [one, two] = await Promise.all(["replica 1", "replica 2"].map((name) => this.#app(place, name)));
    const balancer = await balance([one!.url, two!.url]);
    const count: Running["count"] = async (...asked) => (await one!.count(...asked)) + (await two!.count(...asked));
    return { ...balancer, kill: () => balancer.stop(), count };
  }

  async #open(place: Place, name: AppName, key: string): Promise<Running> {
    if (name === "balanced") return await this.#balanced(place);
    const shape = shapes[name.split(" ")[0]!] ?? MAIN;
    const port = this.#ports.get(key) ?? (await freePort());
    this.#ports.set(key, port);
    return place === "embedded" ? await embedded(shape, port) : await gradio(place, shape, port);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://control");
    const of = (name: string): string => searchParams.get(name) ?? "";
    const place = of("place") as Place;
    const name = of("name");
    const key = `${place} ${name}`;
    let answer: unknown = null;
    try {
      if (pathname === "/turn") return await this.#turns.take(name, request, response);
      const body = await text(request);
      if (pathname === "/hub") answer = (await this.#hub(place)).url;
      else if (pathname === "/app") answer = (await this.#app(place, name)).url;
      else if (pathname.startsWith("/proxy/"))
        answer = await this.#proxies.answer(pathname.slice("/proxy/".length), searchParams, body);
      else if (pathname === "/outcome") this.#outcomes.keep(of("run"), body);
      else if (pathname === "/freeze") (await this.#app(place, name)).freeze?.(of("still") === "true");
      else if (pathname === "/kill") {
        await (await this.#app(place, name)).kill(of("politely") === "true");
        this.#apps.delete(key);
      } else if (pathname === "/count")
        answer = await (await this.#app(place, name)).count(of("run"), of("method"), of("path"));
      response.writeHead(200, { "access-control-allow-origin": "*" }).end(JSON.stringify(answer));
    } catch (error) {
      response.writeHead(500, { "access-control-allow-origin": "*" }).end(String(error));
    }
  }
}

async function embedded(shape: Shape, port: number): Promise<Running> {
  const { maxSize, concurrency, showError, maxFileSize, script } = shape;
  const settings = { maxSize, concurrency, showError, ...(maxFileSize === undefined ? {} : { maxFileSize }) };
  const app: ServedApp = await startEmbedded(settings, {
    port,
    ...(script === "mount" ? { path: PATH } : {}),
    ...(script === "login" ? { auth: ["user", "p@ss:wörd"] } : {}),
  });
  return { url: app.url, port, kill: () => app.close(), count: async (_, method, path) => app.count(method, path) };
}

/** Path of the Python with a version of Gradio. */
function pythonOf(version: string): string {
  const folder =
    process.env["GRADIO_SERVERS"] ?? fileURLToPath(new URL("../../.tools/gradio-servers", import.meta.url));
  const python = version === newest ? process.env["GRADIO_PYTHON"] : join(folder, version, "bin", "python");
  if (python === undefined || !existsSync(python))
    throw new Error(`Gradio ${version} is not installed. Start the tests with npm test.`);
  return python;
}

async function gradio(version: string, shape: Shape, port: number): Promise<Running> {
  const script = fileURLToPath(new URL(`../gradio/${shape.script}.py`, import.meta.url));
  const child = spawn(pythonOf(version), [script, "--port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      GRADIO_ANALYTICS_ENABLED: "False",
      HF_HUB_OFFLINE: "1",
      NO_PROXY: "127.0.0.1,localhost",
      GRADIO_APP_MAX_SIZE: String(shape.maxSize),
      GRADIO_APP_CONCURRENCY: String(shape.concurrency),
      GRADIO_APP_SHOW_ERROR: shape.showError ? "1" : "",
      ...(shape.maxFileSize === undefined ? {} : { GRADIO_APP_MAX_FILE_SIZE: `${shape.maxFileSize}b` }),
    },
  });
  const url = await ready(child);
  const count = async (run: string, method: string, path: string): Promise<number> => {
    const counts: unknown = await (await fetch(`${url}/counts?run=${run}`)).json();
    const prefix = Number.parseInt(version) < 5 ? "" : "/gradio_api";
    return (counts as Record<string, number>)[`${method} ${prefix}${path}`] ?? 0;
  };
  const kill = async (politely = false): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(politely ? "SIGTERM" : "SIGKILL");
    await once(child, "exit");
  };
  const freeze = (still: boolean): void => void child.kill(still ? "SIGSTOP" : "SIGCONT");
  return { url, port, kill, freeze, count };
}

/** Resolves with the URL when the app responds. If the app exits instead, its output is part of the error. */
function ready(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
    child.stdout?.on("data", (chunk: Buffer) => {
      const line = /^ready (\S+)$/m.exec(chunk.toString());
      if (line) resolve(line[1]!);
    });
    child.on("exit", (code) => reject(new Error(`The Gradio app ended with ${code}:\n${said}`)));
  });
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
