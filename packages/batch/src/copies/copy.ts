import { type Client, type EndpointInfo, InputError } from "@gradio-rx/node";
import { verdictOf } from "./verdict.ts";

/** Members of a client that a batch uses. */
export type BatchClient = Pick<Client, "close" | "download" | "endpoints" | "fork" | "submit">;

/** Connects to one copy. */
export type ConnectCopy = () => Promise<BatchClient>;

/** State of a copy of the app, as seen by one process. */
export interface AppState {
  /** The app as the option `apps` names it. */
  app: string;
  /** `"open"`: takes calls. `"resting"`: takes none until `until`. `"out"`: refused, and is connected again at `until`. */
  state: "open" | "resting" | "out";
  /** End of the rest, or time of the next connection; `null` while it is open. */
  until: Date | null;
  /** Message of the error that led to the state; `null` while it is open. */
  reason: string | null;
  /** Calls of this process that are running in the app. */
  running: number;
  /** Calls of this process that wait in the queue of the app. */
  waiting: number;
}

/** Settings of a copy. */
export interface CopyOptions {
  app: string;
  connect: ConnectCopy;
  endpoint: string | number | null;
  /** Whether each call has a session of its own. */
  isolate: boolean;
  /** Called after each change of the state. */
  onChange: () => void;
}

/** Time after which a copy that refused is connected again, in milliseconds. */
const ASK_AGAIN = 60_000;

/** One copy of the app: its client, its state, and the number of its calls. */
export class Copy {
  readonly app: string;
  readonly #options: CopyOptions;
  /** The connected client; `null` before, and while the copy is out. */
  client: BatchClient | null = null;
  waiting = 0;
  running = 0;
  /** Error that led to the state `"out"`; `null` in another state. */
  refusal: unknown = null;
  #state: AppState["state"] = "open";
  #until = 0;
  #reason: string | null = null;
  /** Number of rests without a call that ended between them. */
  #rests = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: CopyOptions) {
    this.app = options.app;
    this.#options = options;
  }

  get state(): AppState {
    const { app, waiting, running } = this;
    const isOpen = this.#state === "open";
    const until = isOpen ? null : new Date(this.#until);
    return { app, state: this.#state, until, reason: this.#reason, running, waiting };
  }

  /** Whether it can take a call now. */
  get isOpen(): boolean {
    return this.#state === "open" && this.client !== null;
  }

  /** Connects, and finds the endpoint. Failures change the state. */
  async connect(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const client = await this.#options.connect();
      if (this.#isClosed) return await client.close();
      this.client = client;
      const endpoint = this.endpoint();
      if (!endpoint) throw noEndpoint(this.app, this.#options.endpoint);
      if (endpoint.stateful && !this.#options.isolate) throw sharedState(endpoint.name);
      this.#open();
    } catch (error) {
      this.#connectFailed(error);
    }
  }

  /** Returns the endpoint of the batch at this copy; `undefined` where it has none. */
  endpoint(): EndpointInfo | undefined {
    const wanted = this.#options.endpoint;
    const endpoints = this.client?.endpoints ?? [];
    if (wanted === null) return endpoints.length === 1 ? endpoints[0] : undefined;
    if (typeof wanted === "number") return endpoints.find(({ index }) => index === wanted);
    const name = wanted.startsWith("/") ? wanted : `/${wanted}`;
    return endpoints.find((one) => one.name === name || one.name === wanted);
  }

  /** Notes that a call ended with an outcome of the app. */
  works(): void {
    this.#rests = 0;
  }

  /** Takes no calls for a time, which doubles with each rest in a row, within limits in milliseconds. */
  rest({ shortest, longest }: { shortest: number; longest: number }, error: unknown): void {
    // Calls that fail together are one reason to rest.
    if (this.#isClosed || this.#state !== "open") return;
    const delay = Math.min(longest, shortest * 2 ** this.#rests++);
    this.#leave("resting", delay, error, () => (this.client ? this.#open() : void this.connect()));
  }

  /** Takes no calls until it is connected again. */
  out(error: unknown): void {
    if (this.#isClosed || this.#state === "out") return;
    const { client } = this;
    this.client = null;
    void client?.close();
    this.refusal = error;
    this.#leave("out", ASK_AGAIN, error, () => void this.connect());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.client?.close();
  }

  #open(): void {
    this.#state = "open";
    this.#reason = null;
    this.refusal = null;
    this.#options.onChange();
  }

  #leave(state: "resting" | "out", delay: number, error: unknown, then: () => void): void {
    this.#state = state;
    this.#until = Date.now() + delay;
    this.#reason = error instanceof Error ? error.message : String(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delay);
    this.#options.onChange();
  }

  #connectFailed(error: unknown): void {
    // Each state below can be entered: no call is running in this one.
    this.#state = "open";
    const verdict = verdictOf(error);
    if (verdict.kind === "rest" || verdict.kind === "lost") this.rest(verdict, error);
    else if (verdict.kind === "attempt") this.rest({ shortest: 500, longest: 30_000 }, error);
    else this.out(error);
  }
}

function noEndpoint(app: string, endpoint: string | number | null): InputError {
  return new InputError(
    endpoint === null
      ? `The app ${app} does not have exactly one endpoint. Set the option "endpoint".`
      : `The app ${app} has no endpoint ${JSON.stringify(endpoint)}.`,
    { parameter: "endpoint" },
  );
}

function sharedState(endpoint: string): InputError {
  return new InputError(
    `The endpoint ${endpoint} keeps state, which the inputs of a batch would share. ` +
      "Pass `call: { isolate: true }`, so that each input has a session of its own.",
    { parameter: "call" },
  );
}
