import type { Observable } from "rxjs";
import { Client } from "../client.ts";
import { endpointAt } from "../data/arguments.ts";
import { fileData, replacer, type WireFile } from "../data/dialect.ts";
import type { FileData } from "../data/files.ts";
import { isFields } from "../fields.ts";
import { eventStream } from "../http/body.ts";
import { InputError, ProtocolError } from "../errors.ts";
import { Engine } from "../platform.ts";
import type { TransportRequest, TransportResponse, UploadFile } from "../transport.ts";
import { type RawCall, type RawEndpoint, rawRun, type RawRun } from "./raw-call.ts";

/** A request that an adapter sends by itself: a GET, or a POST where it has a body. */
export interface RawRequest {
  headers?: Readonly<Record<string, string>> | Headers | undefined;
  body?: TransportRequest["body"];
  signal?: AbortSignal | undefined;
}

/** Gives access to the engine of a client. */
class EngineAccess extends Client {
  static read(client: Client): Engine {
    return EngineAccess.engineOf(client);
  }
}

/**
 * The app of a client for adapters: calls with the data of the wire, and requests with the client's session, credentials and rules.
 *
 * @example
 * ```ts
 * const app = new RawApp(await Client.connect(url));
 * app.call({ endpoint: 3, data: ["text"], arrange: (_, data) => data }).messages$.subscribe(show);
 * ```
 */
export class RawApp {
  readonly #engine: Engine;

  /**
   * @param client - a connected client.
   * @throws InputError for a client of another copy of the package.
   */
  constructor(client: Client) {
    const engine: unknown = client instanceof Client ? EngineAccess.read(client) : null;
    if (!(engine instanceof Engine))
      throw new InputError("RawApp takes a client of the same copy of @gradio-rx/core. Install one copy of it.");
    this.#engine = engine;
  }

  /** URL of the app, with a slash at its end. */
  get url(): URL {
    return new URL(this.#engine.connection.app.base);
  }

  /** Path of the app's API relative to {@link url}, with a slash at its end; `""` for none. */
  get prefix(): string {
    return this.#engine.connection.app.config.prefix;
  }

  /** The configuration as the app sent it, with the components that functions have rendered in the session. */
  get config(): Readonly<Record<string, unknown>> {
    return this.#engine.connection.app.config.raw;
  }

  /** The description of the endpoints as the app sent it; `null` where it has none. */
  get description(): unknown {
    return this.#engine.connection.app.description;
  }

  /** Every function of the app. */
  get endpoints(): readonly RawEndpoint[] {
    return this.#engine.connection.app.endpoints;
  }

  /** Finds a function of any visibility by its API name, with or without its slash, or by its index. */
  find(named: string | number): RawEndpoint | undefined {
    return endpointAt(this.#engine.connection.app.endpoints, named);
  }

  /** Prepares a call. Its messages end with a CancelledError where the client closes. */
  call(call: RawCall): RawRun {
    return rawRun(this.#engine.connection, call, this.#engine.track());
  }

  /**
   * Replaces the files in a value of the wire, at any depth. The value itself is not changed.
   *
   * @param component - kind of the component that the value belongs to.
   * @param make - returns the replacement for a file; `file.url` is absolute, and signed for a private Space.
   */
  replaceFiles(value: unknown, component: string, make: (file: FileData, source: unknown) => object): unknown {
    const { connection } = this.#engine;
    const dialect = connection.dialect(component);
    return replacer((source) => {
      const wired: WireFile | null = dialect.read(source);
      return wired && make(fileData(wired, connection), source);
    })(value);
  }

  /**
   * Sends a GET, or a POST where there is a body, and resolves when the head of the answer has arrived. Another origin receives no
   * credentials.
   *
   * @throws GradioError where there is no answer.
   */
  async fetch(url: string | URL, { signal, ...request }: RawRequest = {}): Promise<TransportResponse> {
    // The body is read after this resolves, so only the caller and the end of the client abort it.
    const { connection } = this.#engine;
    const closed = connection.closed.signal;
    const either = signal ? AbortSignal.any([signal, closed]) : closed;
    return await connection.http.forward(new URL(url, connection.app.base), { ...request, signal: either });
  }

  /** Emits the data of each event of an event stream of the app. Unsubscribing closes it. */
  events(url: string | URL): Observable<string> {
    const { http } = this.#engine.connection;
    const { href } = new URL(url, this.url);
    return eventStream({ open: (signal) => http.open(href, { signal }), limit: http.settings.limits.event });
  }

  /**
   * Uploads files in one request.
   *
   * @param uploadId - id under which the app reports the progress of the upload.
   * @returns the paths of the files at the app, in their order.
   * @throws FileTooLargeError; GradioError for every failure.
   */
  async upload(files: readonly UploadFile[], uploadId?: string): Promise<string[]> {
    const query = uploadId === undefined ? "" : `?${new URLSearchParams({ upload_id: uploadId })}`;
    const { body } = await this.#engine.runUntilClosed(undefined, (signal) =>
      this.#engine.connection.http.upload(`${this.prefix}upload${query}`, files, {
        signal,
        onProgress: () => undefined,
      }),
    );
    if (Array.isArray(body) && body.every((path) => typeof path === "string") && body.length === files.length)
      return body;
    const said = isFields(body) ? "an object" : typeof body;
    throw new ProtocolError(
      `The response to an upload of ${files.length} files is ${said}, not a list of as many paths.`,
    );
  }
}
