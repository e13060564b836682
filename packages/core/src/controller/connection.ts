import type { Observable, Subscription } from "rxjs";
import { type AnyGradioError, CancelledError } from "../errors.ts";
import { asGradioError } from "../operators/job-state.ts";
import type { SpaceStatus } from "../options.ts";
import type { ConnectionState } from "../protocol/protocol.ts";
import { Presence } from "./presence.ts";
import { Store } from "./store.ts";

/** The part of a client that a {@link ConnectionController} uses. */
export interface ConnectedClient {
  readonly connection$: Observable<ConnectionState>;
  close(): Promise<void>;
}

/** Options that a {@link ConnectionController} adds to those of `Client.connect`. */
export interface ConnectingOptions {
  signal: AbortSignal;
  onSpaceStatus: (status: SpaceStatus) => void;
}

/** Source of a client: a function that connects one, which the controller closes; or a client of its owner, which it leaves open. */
export type ClientSource<Client> =
  | { connect: (options: ConnectingOptions) => Promise<Client> }
  | { client: Client | Promise<Client> };

interface GradioFields {
  /** State of the client's event stream. */
  readonly connection: ConnectionState;
  /** Status of a Space that wakes; `null` where none does. */
  readonly space: SpaceStatus | null;
  /** Connects again: after an error, or with a new client in place of the current one. Never rejects. */
  readonly reconnect: () => Promise<void>;
}

/** State of the connection to an app, distinguished by `phase`. */
export type GradioState<Client> = GradioFields &
  (
    | { readonly phase: "connecting"; readonly client: null; readonly error: null }
    | { readonly phase: "ready"; readonly client: Client; readonly error: null }
    | { readonly phase: "error"; readonly client: null; readonly error: AnyGradioError }
  );

/** One try to connect. */
interface Attempt<Client> {
  readonly abort: AbortController;
  readonly client: Promise<Client>;
}

/**
 * The client of a provider: connected when it is first needed or when the provider is mounted, closed when the provider is unmounted. It
 * makes no request when it is constructed.
 */
export class ConnectionController<Client extends ConnectedClient> {
  readonly #store: Store<GradioState<Client>>;
  readonly #presence: Presence = new Presence(() => this.close());
  #source: ClientSource<Client>;
  #attempt: Attempt<Client> | null = null;
  #stream: Subscription | null = null;
  #isClosed = false;

  constructor(source: ClientSource<Client>) {
    this.#source = source;
    const given = "client" in source && !isPromise(source.client) ? source.client : null;
    const fields: GradioFields = { connection: "idle", space: null, reconnect: () => this.#reconnect() };
    this.#store = new Store<GradioState<Client>>(
      Object.freeze(
        given
          ? { ...fields, phase: "ready", client: given, error: null }
          : { ...fields, phase: "connecting", client: null, error: null },
      ),
    );
  }

  /** Returns the state: the same object until it changes. */
  readonly getSnapshot = (): GradioState<Client> => this.#store.getSnapshot();

  /** Calls a listener after each change. Returns a function that removes it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);

  /** Replaces the source for later attempts to connect. */
  configure(source: ClientSource<Client>): void {
    this.#source = source;
  }

  /** Connects when the provider is mounted. Returns a function to call when it is unmounted. */
  readonly attach = (): (() => void) => {
    const leave = this.#presence.enter();
    this.#isClosed = false;
    this.open();
    return leave;
  };

  /** Starts to connect, unless connecting has started. */
  open(): void {
    if (!this.#isClosed) this.#attempt ??= this.#connect();
  }

  /**
   * Returns the client once it is connected. Where connecting had failed, connects again.
   *
   * @throws the error of connecting; CancelledError after `close`.
   */
  async ready(): Promise<Client> {
    if (this.#isClosed) throw closedError();
    if (this.getSnapshot().phase === "error") this.#attempt = null;
    this.#attempt ??= this.#connect();
    return await this.#attempt.client;
  }

  /** Closes the client, unless it belongs to its owner. `attach` connects again. */
  close(): void {
    this.#isClosed = true;
    this.#leave();
    if ("connect" in this.#source) this.#patch({ phase: "connecting", client: null, error: null });
  }

  async #reconnect(): Promise<void> {
    if (this.#isClosed) return;
    const isConnecting = this.#attempt && this.getSnapshot().phase === "connecting";
    if (!isConnecting) {
      this.#leave();
      this.#attempt = this.#connect();
    }
    await this.#attempt?.client.catch(() => undefined);
  }

  #connect(): Attempt<Client> {
    const abort = new AbortController();
    const source = this.#source;
    const client = "connect" in source ? this.#start(source, abort) : Promise.resolve(source.client);
    const attempt = { abort, client };
    const isCurrent = (): boolean => this.#attempt === attempt;
    client.then(
      (connected) => isCurrent() && this.#show(connected),
      (error: unknown) => isCurrent() && this.#patch({ phase: "error", client: null, error: asGradioError(error) }),
    );
    if (this.getSnapshot().phase === "error") this.#patch({ phase: "connecting", client: null, error: null });
    return attempt;
  }

  async #start(source: Extract<ClientSource<Client>, { connect: unknown }>, abort: AbortController): Promise<Client> {
    const onSpaceStatus = (space: SpaceStatus): void => {
      if (!abort.signal.aborted) this.#patch({ space });
    };
    const client = await source.connect({ signal: abort.signal, onSpaceStatus });
    if (!abort.signal.aborted) return client;
    void client.close();
    throw abort.signal.reason;
  }

  #show(client: Client): void {
    this.#patch({ phase: "ready", client, error: null, space: null });
    this.#stream = client.connection$.subscribe((connection) => this.#patch({ connection }));
  }

  /** Leaves the current client. */
  #leave(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    this.#stream?.unsubscribe();
    this.#stream = null;
    if (!attempt || !("connect" in this.#source)) return;
    attempt.abort.abort(closedError());
    attempt.client.then(
      (client) => void client.close(),
      () => undefined,
    );
    this.#patch({ phase: "connecting", client: null, error: null, connection: "idle", space: null });
  }

  #patch(change: Partial<GradioState<Client>>): void {
    const state = this.getSnapshot();
    const isSame = Object.entries(change).every(([key, value]) => state[key as keyof typeof state] === value);
    if (!isSame) this.#store.publish(Object.freeze({ ...state, ...change } as GradioState<Client>));
  }
}

/** Returns the key of an app and its options. Another key needs another client. Only options with primitive values are compared. */
export function connectionKey(app: string | URL, options: object = {}): string {
  const primitives = Object.entries(options).filter(
    ([, value]) => value !== undefined && typeof value !== "function" && (typeof value !== "object" || value === null),
  );
  return JSON.stringify([String(app), primitives.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(text)]);
}

function text([name, value]: [string, unknown]): [string, string] {
  return [name, `${typeof value} ${String(value)}`];
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown }).then === "function";
}

function closedError(): CancelledError {
  return new CancelledError("The connection was closed, as its provider was unmounted.");
}
