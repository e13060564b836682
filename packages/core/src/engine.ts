import { asapScheduler, defer, filter, finalize, from, map, type Observable, subscribeOn, switchMap } from "rxjs";
import { viewApi } from "./api.ts";
import type { EndpointInfo } from "./app/endpoints.ts";
import { callOptions, forkOptions, transferOptions } from "./call/call-options.ts";
import { callEvents } from "./call/call.ts";
import { Job } from "./call/job.ts";
import { callListeners, serialize } from "./call/listeners.ts";
import type { Inputs, MapLoop } from "./call/map-loop.ts";
import { mapLoop } from "./call/map.ts";
import { type CallEvent, jobEvent } from "./call/messages.ts";
import { type GivenCall, openInput, readCall } from "./call/prepare.ts";
import type { Connection, ForkHeaders } from "./connection.ts";
import { publicEndpoints } from "./data/arguments.ts";
import type { FileData, FileInput, FileListLike } from "./data/files.ts";
import { loadTransfers } from "./data/load-transfers.ts";
import type { DownloadProgress, UseFile } from "./data/read.ts";
import { CancelledError, InputError } from "./errors.ts";
import type { JobEvent } from "./events.ts";
import { mergeOptions } from "./fields.ts";
import {
  type CallOptions,
  checkOptions,
  type ForkOptions,
  type MapOptions,
  type OptionTable,
  readOptions,
  type TransferOptions,
  type UploadProgress,
} from "./options.ts";
import { claimSession } from "./protocol/claim-session.ts";
import { CallEnd, type ConnectionState } from "./protocol/protocol.ts";
import { callComponent } from "./protocol/requests.ts";
import { followSignals, settleWithin } from "./timers.ts";
import { makeTools, type Predict, type ToolFormat, type ToolOptions, type Tools } from "./tools/tools.ts";

/** Maximum time to cancel running calls at the app when a client closes, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/** Connects to the app. The signal is aborted when the client closes before it is connected. */
export type Connect = (signal: AbortSignal) => Promise<Connection>;

/** A call that was not subscribed to yet: its pipeline, and the controller that ends it. */
interface Prepared {
  events$: Observable<CallEvent>;
  options: CallOptions;
  end: AbortController;
  /** Must be called when the call has ended. */
  untrack: () => void;
}

/**
 * The connection to an app, with the running calls and transfers. Clients that `withOptions` created share one engine.
 *
 * It is a module of its own, so that a page loads it only when it connects.
 */
export class Engine {
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;
  readonly #connect: Connect;
  readonly #abort = new AbortController();
  /** Ends the calls and transfers that are running, each with an error. */
  readonly #running = new Set<(error: unknown) => void>();
  /** Forks that are open. They end with this engine. */
  readonly #forks = new Set<Engine>();
  #onClose: () => void = () => undefined;
  #closing: Promise<void> | null = null;

  /** @param connection - a connection, or a function that connects when the first call is made. */
  constructor(connection: Connection | Connect) {
    if (typeof connection === "function") this.#connect = connection;
    else {
      this.#connection = connection;
      this.#connect = async () => connection;
    }
  }

  /** The connection. Throws an InputError while the client is not connected. */
  get connection(): Connection {
    if (this.#connection) return this.#connection;
    throw new InputError("The client is not connected yet. Wait for `client.connected`, or for the result of a call.");
  }

  /** Resolves when the client is connected. After a failure, the next call connects again. */
  connected(): Promise<Connection> {
    if (this.#closing) return Promise.reject(closedError());
    this.#connecting ??= this.#open();
    return this.#connecting;
  }

  /** State of the event stream: the current one, and each change. */
  get connection$(): Observable<ConnectionState> {
    if (this.#connection) return this.#connection.protocol.state$;
    return defer(() => from(this.connected())).pipe(switchMap(({ protocol }) => protocol.state$));
  }

  get endpoints(): EndpointInfo[] {
    return publicEndpoints(this.connection.app.endpoints).map(({ info }) => info);
  }

  viewApi(): string {
    const { base, config } = this.connection.app;
    const text = viewApi(config.title ?? base.href, this.endpoints);
    return this.connection.http.settings.secrets.remove(text);
  }

  inspect(): string {
    if (!this.#connection) return `Client ${this.#closing ? "closed" : "not connected"}`;
    const { app, protocol } = this.#connection;
    return `Client <${app.base.href}> session ${protocol.sessionHash.slice(0, 4)}…${this.#closing ? " closed" : ""}`;
  }

  /** Returns the defaults of a client that `withOptions` makes. Throws an InputError for an invalid option. */
  mergeDefaults(defaults: CallOptions, options: CallOptions): CallOptions {
    checkOptions("withOptions", options, callOptions);
    return mergeOptions(defaults, options);
  }

  toTools<Format extends ToolFormat>(options: ToolOptions<Format>, defaults: CallOptions): Tools<Format> {
    const { base, config } = this.connection.app;
    const predict: Predict = (...call) => this.submit(call, defaults).result();
    return makeTools({ url: base.href, title: config.title, endpoints: this.endpoints, predict }, options);
  }

  submit<T>(given: readonly unknown[], defaults: CallOptions): Job<T> {
    const call = readCall(given);
    const { events$, options, end, untrack } = this.#prepare(call, defaults);
    const input = openInput(this.#source, call.endpoint, options, end.signal);
    // The caller states the type of the outputs; it is not checked.
    return new Job<T>({
      events$: events$ as Observable<CallEvent<T>>,
      options,
      input,
      end,
      onEnd: untrack,
      logLimit: () => this.#connection?.http.settings.limits.logs ?? Infinity,
    });
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
        submit: (data, each) => this.submit([endpoint, data, each], {}),
      });
    return {
      [Symbol.asyncIterator]() {
        let loop: MapLoop<unknown, unknown> | null = null;
        // The loop starts with the first call of `next`, which also reports invalid options.
        return {
          next: async () => await (loop ??= start()).next(),
          return: async () => (loop ? await loop.return() : { done: true as const, value: undefined }),
        };
      },
    };
  }

  async resetSession(): Promise<void> {
    // Without an await where there is a connection: calls made before this resolves belong to the new session.
    const connection = this.#connection ?? (await this.connected());
    connection.protocol.reset();
    const { app, protocol, closed, claimName } = connection;
    const claim = { app: app.base, hash: protocol.sessionHash, released: closed.signal, claimName };
    claimSession(claim).catch(() => undefined);
    // Rendered components belong to the former session.
    connection.app = connection.initialApp;
  }

  async refresh(): Promise<void> {
    await this.runUntilClosed(undefined, async (signal) => {
      const connection = await this.connected();
      await settleWithin(connection.current.refresh(), { signal });
      connection.current.adopt(connection);
    });
  }

  async callComponent(componentId: number, name: string, data: unknown): Promise<unknown> {
    return await this.runUntilClosed(undefined, async (signal) => {
      const { http, app, protocol } = await this.connected();
      const { sessionHash } = protocol;
      return await callComponent(http, app.config.prefix, { sessionHash, componentId, name, data, signal });
    });
  }

  async upload(
    files: readonly FileInput[] | FileListLike,
    options: TransferOptions<UploadProgress>,
  ): Promise<FileData[]> {
    checkOptions("upload", options, transferOptions);
    return await this.runUntilClosed(options.signal, async (signal) => {
      const [{ uploadAll }, connection] = await Promise.all([loadTransfers(), this.connected()]);
      return await uploadAll(files, connection, { ...options, signal });
    });
  }

  async readFile<T>(
    file: FileData | string | URL,
    options: TransferOptions<DownloadProgress>,
    use: UseFile<T>,
  ): Promise<T> {
    checkOptions("download", options, transferOptions);
    return await this.runUntilClosed(options.signal, async (signal) => {
      const [{ readFile }, { http }] = await Promise.all([loadTransfers(), this.connected()]);
      return await readFile(http, file, { ...options, signal }, use);
    });
  }

  /** Runs work with a signal that is aborted when the client closes, or with the caller's signal and its reason. */
  async runUntilClosed<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#closing) throw closedError();
    given?.throwIfAborted();
    const closed = new AbortController();
    const { signal, release } = followSignals([given, closed.signal]);
    const close = (error: unknown): void => closed.abort(error);
    this.#running.add(close);
    try {
      return await work(signal);
    } catch (error) {
      throw this.#connection ? this.#connection.http.settings.secrets.hide(error) : error;
    } finally {
      release();
      this.#running.delete(close);
    }
  }

  /**
   * Makes the working part of a client with a session of its own, on the same connection.
   *
   * @param own - checks of the options that the platform adds.
   * @param joinHeaders - makes the headers that the platform adds to each submission. Default: those of this engine.
   * @throws InputError for an option that does not exist, or whose value is invalid.
   */
  fork(options: ForkOptions, own: OptionTable, joinHeaders: ForkHeaders | undefined): Engine {
    checkOptions("fork", options, { ...forkOptions, ...own });
    const parent = this.#connection;
    const fork = new Engine(
      parent ? parent.fork(options, joinHeaders) : async () => (await this.connected()).fork(options, joinHeaders),
    );
    if (this.#closing) void fork.close();
    else this.#forks.add(fork);
    fork.#onClose = () => this.#forks.delete(fork);
    return fork;
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#onClose();
      const forks = Array.from(this.#forks, (fork) => fork.close());
      for (const close of this.#running) close(closedError());
      this.#abort.abort(closedError());
      const connection = this.#connection;
      await Promise.all([...forks, connection?.protocol.close(CLOSE_TIMEOUT)]);
      if (!connection) return;
      connection.closed.abort(closedError());
      connection.release();
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
    // The call reports the error.
    connected.catch(() => undefined);
    return connected;
  }

  /** Creates the pipeline of a call, and adds the call to those that `close` ends. */
  #prepare(call: GivenCall, defaults: CallOptions): Prepared {
    // Valid options apply even if another one is invalid, so that the callbacks receive the error.
    const { right, wrong } = readOptions("The call", call.options, callOptions);
    const options: CallOptions = { ...defaults, ...right };
    const { end, untrack } = this.track();
    const { endpoint, data } = call;
    const events$ = callEvents({ connection: this.#source, endpoint, data, options, fault: wrong, end });
    return { events$, options, end, untrack };
  }

  /** Adds a call to those that `close` ends: with a {@link CallEnd}, by the controller that is returned. */
  track(): Pick<Prepared, "end" | "untrack"> {
    const end = new AbortController();
    const abort = (error: unknown): void => end.abort(new CallEnd("closed", error));
    this.#running.add(abort);
    if (this.#closing) abort(closedError());
    return { end, untrack: () => this.#running.delete(abort) };
  }
}

function closedError(): CancelledError {
  return new CancelledError("The client is closed.");
}
