import { EventEmitter } from "node:events";
import { compileFunction } from "node:vm";
import { ConnectionError } from "@gradio-rx/node";
import { type ModelProcess, theWorld, type World } from "./world.ts";

/** A job of BullMQ in the model. */
export interface ModelJob {
  id: string;
  data: { key: string; input: unknown };
  state: "wait" | "active" | "delayed";
  /** Time at which a delayed job waits again. */
  due: number;
  token: string | null;
  lockedUntil: number;
  /** Number of times that it was handed out again because its lock lapsed. */
  stalls: number;
}

/** All that Redis has in the model. It can be copied, as the disk that a power cut goes back to. */
export interface ServerData {
  texts: Map<string, string>;
  hashes: Map<string, Map<string, string>>;
  streams: Map<string, Array<[place: string, fields: string[]]>>;
  /** Jobs in the order in which they wait. */
  jobs: Map<string, ModelJob>;
  isPaused: boolean;
  places: number;
}

/**
 * Defect of a server:
 * - `"forgets the look-up"`: no key has a record when a worker asks.
 * - `"records twice"`: a record is kept also where its key has one.
 * - `"answers early"`: a record is acknowledged before it is kept.
 */
export type Defect = "forgets the look-up" | "records twice" | "answers early";

/** Time after which a server that answers early keeps a record, in milliseconds. */
const LATE = 30;

/** Redis in the model. */
export class Server {
  data: ServerData = {
    texts: new Map(),
    hashes: new Map(),
    streams: new Map(),
    jobs: new Map(),
    isPaused: false,
    places: 0,
  };
  /** Connections of living processes. */
  readonly clients = new Set<Redis>();
  /** Called when a job may wait. */
  readonly wakers = new Set<() => void>();
  /** Defect of the server; `null` for none. The specs use it to show that the model notices it. */
  readonly defect: Defect | null;
  #onDisk: ServerData | null = null;

  constructor(defect: Defect | null = null) {
    this.defect = defect;
  }

  hash(key: string): Map<string, string> {
    const { hashes } = this.data;
    const hash = hashes.get(key) ?? new Map<string, string>();
    hashes.set(key, hash);
    return hash;
  }

  stream(key: string): Array<[string, string[]]> {
    const { streams } = this.data;
    const stream = streams.get(key) ?? [];
    streams.set(key, stream);
    return stream;
  }

  wake(): void {
    for (const waker of this.wakers) waker();
  }

  /** Writes everything to disk. */
  sync(): void {
    this.#onDisk = structuredClone(this.data);
  }

  /** Goes back to the disk. */
  powerCut(): void {
    const { places, isPaused } = this.data;
    // Places contain the time, and so never come again. A pause that is lost would have to be asked for again.
    this.data = { ...structuredClone(this.#onDisk ?? new Server().data), places, isPaused };
  }

  /** Whether a key has a record. */
  isRecorded(key: string): boolean {
    return this.hash("gradio-rx:model:batch:places").has(key);
  }

  /** Executes a command inside of a script. */
  call(name: string, key: string, ...args: string[]): unknown {
    const [first = "", second = ""] = args;
    switch (name) {
      case "HDEL":
        return Number(this.hash(key).delete(first));
      case "HEXISTS":
        return this.defect === "records twice" ? 0 : Number(this.hash(key).has(first));
      case "HGET":
        return this.hash(key).get(first) ?? null;
      case "HSET":
        return void this.hash(key).set(first, second);
      case "HINCRBY":
        return void this.hash(key).set(first, String(Number(this.hash(key).get(first) ?? 0) + Number(second)));
      case "XADD": {
        const place = `${Date.now()}-${++this.data.places}`;
        this.stream(key).push([place, args.slice(1)]);
        return place;
      }
      case "XDEL":
        return void this.data.streams.set(
          key,
          this.stream(key).filter(([place]) => place !== first),
        );
      default:
        throw new Error(`The model has no command ${name}.`);
    }
  }
}

type Script = (call: Server["call"], keys: unknown[], args: unknown[]) => unknown;
const scripts = new Map<string, Script>();

/** Returns a script of the package as a function, so that the model executes its own text. Lua of this kind differs from JavaScript in few words. */
function scriptOf(lua: string): Script {
  const known = scripts.get(lua);
  if (known) return known;
  const code = lua
    .replaceAll("redis.call(", "call(")
    .replaceAll("local ", "const ")
    .replaceAll("~=", "!==")
    .replaceAll(" == ", " === ")
    .replaceAll(/^\s*if (.*) then (.*) end$/gm, "if ($1) { $2; }");
  const script = compileFunction(code, ["call", "KEYS", "ARGV"]) as Script;
  scripts.set(lua, script);
  return script;
}

/** Returns the number of a place, which is after its time. */
function numberOf(place: string): number {
  return Number(place.split("-")[1]);
}

/** Servers by world. */
export const servers = new WeakMap<World, Server>();

/** Client of Redis in the model. Its host is the name of a process. It has the commands that the package uses. */
export class Redis extends EventEmitter {
  readonly world: World = theWorld();
  readonly process: ModelProcess;
  readonly server: Server;
  #isClosed = false;

  constructor(url: string) {
    super();
    this.process = this.world.processes.get(new URL(url).host)!;
    this.server = servers.get(this.world)!;
  }

  async connect(): Promise<void> {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
    if (!this.world.outage.isUp) throw new ConnectionError("refused", { accepted: false });
    this.server.clients.add(this);
  }

  disconnect(): void {
    this.#isClosed = true;
    this.server.clients.delete(this);
  }

  /** Executes a command. */
  run<T>(effect: (server: Server) => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Error("Connection is closed."));
    return this.world.command(this.process, this.world.outage, () => effect(this.server));
  }

  glance<T>(answer: (server: Server) => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new Error("Connection is closed."));
    return this.world.glance(this.process, this.world.outage, () => answer(this.server));
  }

  async info(): Promise<string> {
    return "maxmemory_policy:noeviction\r\naof_enabled:1\r\n";
  }

  set(key: string, value: string, mode?: "NX"): Promise<"OK" | null> {
    return this.run(({ data: { texts } }) => {
      if (mode === "NX" && texts.has(key)) return null;
      texts.set(key, value);
      return "OK";
    });
  }

  get(key: string): Promise<string | null> {
    return this.run(({ data }) => data.texts.get(key) ?? null);
  }

  hmget(key: string, ...fields: string[]): Promise<Array<string | null>> {
    return this.run((server) => fields.map((field) => server.hash(key).get(field) ?? null));
  }

  hexists(key: string, field: string): Promise<number> {
    if (this.server.defect === "forgets the look-up") return this.run(() => 0);
    return this.run((server) => Number(server.hash(key).has(field)));
  }

  hget(key: string, field: string): Promise<string | null> {
    return this.run((server) => server.hash(key).get(field) ?? null);
  }

  hset(key: string, field: string, value: string): Promise<void> {
    return this.run((server) => void server.hash(key).set(field, value));
  }

  hgetall(key: string): Promise<Record<string, string>> {
    return this.glance((server) => Object.fromEntries(server.hash(key)));
  }

  eval(lua: string, keys: number, ...args: string[]): Promise<unknown> {
    const script = scriptOf(lua);
    const work = (server: Server): unknown =>
      script(server.call.bind(server), [null, ...args.slice(0, keys)], [null, ...args.slice(keys)]);
    if (this.server.defect !== "answers early") return this.run(work);
    setTimeout(() => void this.run(work), LATE);
    return Promise.resolve(1);
  }

  xrange(key: string, start: string, _: "+", __: "COUNT", limit: number): Promise<Array<[string, string[]]>> {
    const after = start === "-" ? 0 : numberOf(start);
    return this.run((server) =>
      server
        .stream(key)
        .filter(([place]) => numberOf(place) > after)
        .slice(0, limit),
    );
  }

  async *hscanStream(key: string): AsyncIterable<string[]> {
    yield await this.run((server) => [...server.hash(key)].flat());
  }
}
