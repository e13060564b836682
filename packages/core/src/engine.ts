import { asapScheduler, defer, filter, finalize, from, map, type Observable, subscribeOn, switchMap } from "rxjs";
import { viewApi } from "./api.ts";
import type { EndpointInfo } from "./app/endpoints.ts";
import { callEvents } from "./call/call.ts";
import { type CallEvent, jobEvent } from "./call/call-event.ts";
import { Job } from "./call/job.ts";
import { callListeners } from "./call/listeners.ts";
import { type Inputs, mapLoop, type MapLoop } from "./call/map.ts";
import { openInput, readCall } from "./call/prepare.ts";
import { serialize } from "./call/serialize.ts";
import type { Connection } from "./connection.ts";
import { publicEndpoints } from "./data/arguments.ts";
import type { FileData, FileInput } from "./data/files.ts";
import { type DownloadProgress, readFile, type UseFile } from "./data/read.ts";
import { uploadAll } from "./data/uploads.ts";
import { CancelledError, InputError } from "./errors.ts";
import type { JobEvent } from "./events.ts";
import { type CallOptions, callOptions, type MapOptions, readOptions, type UploadProgress } from "./options.ts";
import { callComponent } from "./protocol/requests.ts";
import type { ConnectionState } from "./protocol/connection-state.ts";
import { claimSession } from "./protocol/claim-session.ts";
import { CallEnd } from "./protocol/protocol.ts";
import { settleWithin } from "./timers.ts";

/** Time for telling the app of running calls when a client closes, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/** Connects to the app. The signal is aborted when the client closes before it is connected. */
export type Connect = (signal: AbortSignal) => Promise<Connection>;

/** A call in the making: its pipeline, and what ends it. */
interface Prepared {
  events$: Observable<CallEvent>;
  options: CallOptions;
  end: AbortController;
  /** To be called when the call has ended. */
  untrack: () => void;
}

/**
 * The working part of one or several clients: the connection to the app, and the calls and transfers that are running.
 * Clients that `withOptions` has made share one.
 *
 * It is a module of its own so that a page can show itself before it is loaded.
 */
export class Engine {
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  readonly #connect: Connect;
  readonly #abort = new AbortController();
  /** Ends the calls and transfers that are running, each with an error. */
  readonly #running = new Set<(error: unknown) => void>();
  #closing: Promise<void> | null = null;

  /** @param connection - a connection, or a function that makes it with the first call. */
  constructor(connection: Connection | Connect) {
    if (typeof connection === "function") this.#connect = connection;
    else {
      this.#connection = connection;
      this.#connect = async () => connection;
    }
  }

  /** The connection. Throws an InputError while there is none. */
  get connection(): Connection {
    if (this.#connection) return this.#connection;
    throw new InputError("The client is not connected yet. Wait for `client.connected`, or for the result of a call.");
  }

  /** Resolves when the client is connected. A connection that failed is tried again with the next call. */
  connected(): Promise<Connection> {
    if (this.#closing) return Promise.reject(closedError());
    this.#connecting ??= this.#open();
    return this.#connecting;
  }

  /** State of the event stream: now, and each change. */
  get connection$(): Observable<ConnectionState> {
    if (this.#connection) return this.#connection.protocol.state$;
    return defer(() => from(this.connected())).pipe(switchMap(({ protocol }) => protocol.state$));
  }

  get endpoints(): EndpointInfo[] {
    return publicEndpoints(this.connection.app.endpoints).map(({ info }) => info);
  }

  viewApi(): string {
    const { base, config } = this.connection.app;
    return viewApi(config.title ?? base.href, this.endpoints);
  }

  inspect(): string {
    if (!this.#connection) return `Client ${this.#closing ? "closed" : "not connected"}`;
    const { app, protocol } = this.#connection;
    return `Client <${app.base.href}> session ${protocol.sessionHash.slice(0, 4)}…${this.#closing ? " closed" : ""}`;
  }

  submit<T>(given: readonly unknown[], defaults: CallOptions): Job<T> {
    const call = readCall(given);
    const { events$, options, end, untrack } = this.#prepare(call, defaults);
    const input = openInput(this.#source, call.endpoint, options, end.signal);
    // The type of the outputs is the caller's word: nothing is known of it here.
    return new Job<T>({ events$: events$ as Observable<CallEvent<T>>, options, input, end, onEnd: untrack });
  }

  observe(given: readonly unknown[], defaults: CallOptions): Observable<JobEvent> {
    const call = readCall(given);
    return defer(() => {
      const { events$, options, untrack } = this.#prepare(call, defaults);
      return events$.pipe(
        serialize,
        callListeners(options),
        map(jobEvent),
        filter((event) => event !== undefined),
        finalize(untrack),
      );
    }).pipe(
      // No reader is called before `subscribe` has returned.
      subscribeOn(asapScheduler),
    );
  }

  map(
    endpoint: string | number,
    inputs: Inputs<unknown>,
    options: MapOptions<never>,
    defaults: CallOptions,
  ): AsyncIterable<unknown> {
    const start = (): MapLoop<unknown, unknown> =>
      mapLoop(inputs, options, {
        defaults,
        running: this.#running,
        closed: this.#closing && closedError(),
        submit: (data, each) => this.submit([endpoint, data, each], defaults),
      });
    return {
      [Symbol.asyncIterator]() {
        let loop: MapLoop<unknown, unknown> | null = null;
        // It starts with the first step, and fails there.
        return {
          next: async () => await (loop ??= start()).next(),
          return: async () => (loop ? await loop.return() : { done: true as const, value: undefined }),
        };
      },
    };
  }

  async resetSession(): Promise<void> {
    // At once where there is a connection: calls that are made before this resolves belong to the new session.
    const connection = this.#connection ?? (await this.connected());
    connection.protocol.reset();
    const { app, protocol, closed } = connection;
    claimSession(app.base, protocol.sessionHash, closed.signal).catch(() => undefined);
    // What functions have rendered belonged to the old session.
    connection.app = connection.found;
  }

  async refresh(): Promise<void> {
    await this.during(undefined, async (signal) => {
      const { refresh } = await this.connected();
      await settleWithin(refresh(), { signal });
    });
  }

  async callComponent(componentId: number, name: string, data: unknown): Promise<unknown> {
    return await this.during(undefined, async (signal) => {
      const { http, app, protocol } = await this.connected();
      const { sessionHash } = protocol;
      return await callComponent(http, app.config.prefix, { sessionHash, componentId, name, data, signal });
    });
  }

  async upload(
    files: readonly FileInput[],
    options: { onProgress?: ((progress: UploadProgress) => void) | undefined; signal?: AbortSignal | undefined },
  ): Promise<FileData[]> {
    return await this.during(
      options.signal,
      async (signal) => await uploadAll(files, await this.connected(), { ...options, signal }),
    );
  }

  async readFile<T>(
    file: FileData | string | URL,
    options: { signal?: AbortSignal | undefined; onProgress?: ((progress: DownloadProgress) => void) | undefined },
    use: UseFile<T>,
  ): Promise<T> {
    return await this.during(options.signal, async (signal) => {
      const { http } = await this.connected();
      return await readFile(http, file, { ...options, signal }, use);
    });
  }

  /** Does work that ends when the client closes, or when the caller's signal is aborted, with its reason. */
  async during<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing) throw closedError();
    given?.throwIfAborted();
    const abort = new AbortController();
    const follow = (): void => abort.abort(given?.reason);
    given?.addEventListener("abort", follow, { once: true });
    const close = (error: unknown): void => abort.abort(error);
    this.#running.add(close);
    try {
      return await work(abort.signal);
    } finally {
      given?.removeEventListener("abort", follow);
      this.#running.delete(close);
    }
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const close of this.#running) close(closedError());
      this.#abort.abort(closedError());
      const connection = this.#connection;
      if (!connection) return;
      await connection.protocol.close(CLOSE_TIMEOUT);
      connection.closed.abort(closedError());
      connection.http.settings.transport.close?.();
    })();
    return this.#closing;
  }

  async #open(): Promise<Connection> {
    try {
      const connection = this.#connection ?? (await this.#connect(this.#abort.signal));
      this.#abort.signal.throwIfAborted();
      return (this.#connection = connection);
    } catch (error) {
      this.#connecting = null;
      throw error;
    }
  }

  /** The connection, or the promise of it. */
  get #source(): Connection | Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connected = this.connected();
    // The call reports it.
    connected.catch(() => undefined);
    return connected;
  }

  /** Makes the pipeline of a call, and enters it into the calls that `close` ends. */
  #prepare(call: ReturnType<typeof readCall>, defaults: CallOptions): Prepared {
    // The valid ones of wrong options count, so that the call can report what is wrong.
    const { right, wrong } = readOptions("The call", call.options, callOptions);
    const options: CallOptions = { ...defaults, ...right };
    const end = new AbortController();
    const abort = (error: unknown): void => end.abort(new CallEnd("closed", error));
    this.#running.add(abort);
    const { endpoint, data } = call;
    const fault = this.#closing ? closedError() : wrong;
    const events$ = callEvents({ connection: this.#source, endpoint, data, options, fault, end });
    return { events$, options, end, untrack: () => this.#running.delete(abort) };
  }
}

function closedError(): CancelledError {
  return new CancelledError("The client is closed.");
}
