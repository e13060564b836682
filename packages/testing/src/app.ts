import type { Transport } from "@gradio-rx/core/platform";
import { createIterators } from "./call/iterators.ts";
import { createSessionStates } from "./call/session-state.ts";
import { createStepper } from "./call/step.ts";
import { API_PREFIX } from "./describe/config.ts";
import { createModel } from "./describe/model.ts";
import { createContext } from "./endpoint/context.ts";
import type { Component } from "./endpoint/component.ts";
import type { EndpointValue } from "./endpoint/endpoint.ts";
import { createEventStreams } from "./http/event-streams.ts";
import { createLogins } from "./http/logins.ts";
import type { ServerContext } from "./http/server-context.ts";
import type { SeenRequest } from "./http/router.ts";
import { answer } from "./http/router.ts";
import type { AppOptions, Settings } from "./options.ts";
import { withDefaults } from "./options.ts";
import { createGroups } from "./queue/groups.ts";
import type { Job } from "./queue/job.ts";
import { createQueue } from "./queue/queue.ts";
import { createReporter } from "./queue/reporter.ts";
import type { JobServices } from "./queue/run.ts";
import { createRunTimes } from "./queue/estimates.ts";
import { createResultCache } from "./queue/result-cache.ts";
import { createSessions } from "./queue/sessions.ts";
import { memoryFetch, memoryTransport } from "./transport.ts";
import { createFileStore } from "./values/file-store.ts";
import { createMediaStreams } from "./values/media-streams.ts";

/** A running app, in memory or over HTTP. Tests use it to observe requests and to interrupt connections. */
export interface App {
  /** The app's address, without a final slash. */
  readonly url: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly SeenRequest[];
  /**
   * Number of requests with a method and a path, or a route such as `"/heartbeat/{session_hash}"`.
   * The prefix `/gradio_api` may be left out.
   */
  count(method: string, path: string): number;
  /** Number of open event streams: data streams, heartbeats, and streams of `/call`. */
  readonly openStreams: number;
  /** Number of functions and generators that have started and have not ended. */
  readonly running: number;
  /** Number of jobs that wait in the queue. */
  readonly queued: number;
  /**
   * Ends all open event streams. The server then does what it does when readers disconnect.
   *
   * @param options - `clean: true` ends the response bodies properly, but without a last message; otherwise they are aborted.
   * @returns the number of streams that were open.
   */
  dropStreams(options?: { clean?: boolean }): number;
  /** Replaces the server by a new one at the same address: it has a new `app_id`; sessions, jobs and streams are lost, files stay. */
  restart(): void;
  /** Ends every job and stream. Later requests fail as they would without a server. */
  close(): Promise<void>;
}

/** An app in memory. */
export interface MemoryApp extends App {
  /** Responds to a request. Rejects if the app is closed. Aborting the request's signal aborts the response. */
  fetch(request: Request): Promise<Response>;
  /** This app as a transport, for the `transport` option of a client. */
  readonly transport: Transport;
}

/**
 * Creates a Gradio app in memory, without a port, a network or Python.
 *
 * @param endpoints - a function, or the result of `endpoint`, for each endpoint name.
 * @throws Error in a test environment without `Response`, such as Jest's own jsdom.
 *
 * @example
 * const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
 * const client = await Client.connect(app.url, { fetch: (request) => app.fetch(request) });
 */
export function createApp(endpoints: Readonly<Record<string, EndpointValue>>, options: AppOptions = {}): MemoryApp {
  checkEnvironment();
  const settings = withDefaults(options);
  const requests: SeenRequest[] = [];
  const model = createModel(endpoints);
  const store = createFileStore();
  const open = (): ServerContext => createServerContext(model, settings, store);
  let server = open();
  let closed = false;
  const stop = (): void => {
    server.streams.drop();
    server.queue.stop();
  };
  const fetch = memoryFetch((request) => {
    if (closed) throw new TypeError("fetch failed");
    return answer(request, server, (seen) => requests.push(seen));
  });
  return {
    url: `http://app.test${settings.path}`,
    requests,
    count: (method, path) => requests.filter((request) => request.method === method && isAt(request, path)).length,
    get openStreams() {
      return server.streams.count();
    },
    get running() {
      return server.stepper.running();
    },
    get queued() {
      return server.queue.size();
    },
    dropStreams: (how) => server.streams.drop(how),
    restart() {
      stop();
      server = open();
    },
    close() {
      closed = true;
      stop();
      return Promise.resolve();
    },
    fetch,
    transport: memoryTransport(fetch),
  };
}

function isAt({ path, route }: SeenRequest, wanted: string): boolean {
  return path === wanted || path === API_PREFIX + wanted || route === wanted;
}

function createServerContext(
  model: ServerContext["model"],
  settings: Settings,
  store: ServerContext["store"],
): ServerContext {
  const sessions = createSessions();
  const iterators = createIterators();
  const stepper = createStepper(iterators);
  const states = createSessionStates();
  const media = createMediaStreams();
  const logins = createLogins();
  const run: JobServices = {
    sessions,
    iterators,
    stepper,
    times: createRunTimes(),
    cache: createResultCache(),
    reporter: createReporter(sessions),
    showError: settings.showError,
    context: (job: Job, reporter) =>
      createContext(job.request, job.abort.signal, {
        log: (entry) => reporter?.log(job, entry),
        progress: (units) => reporter?.progress(job, units),
      }),
    valueContext: ({ id, sessionHash, root }) => {
      const streams = media.ofJob(sessionHash, id);
      const stream = (to: Component, content: Blob): string => streams.add(model.components.get(to) ?? 0, content);
      return { store, state: states(sessionHash), base: root + API_PREFIX, stream };
    },
    endStreams: ({ id, sessionHash }) => media.ofJob(sessionHash, id).end(),
  };
  const queue = createQueue(createGroups(settings.defaultConcurrencyLimit), run, settings.maxSize);
  const streams = createEventStreams();
  return {
    model,
    settings,
    store,
    states,
    sessions,
    iterators,
    stepper,
    queue,
    streams,
    media,
    logins,
    appId: createAppId(),
  };
}

/** Returns a random id above `Number.MAX_SAFE_INTEGER`, like Gradio's. */
function createAppId(): string {
  const [number = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return String(number | (1n << 63n));
}

function checkEnvironment(): void {
  if (typeof Response === "undefined")
    throw new Error(
      "An app needs fetch, Request, Response and streams, which Jest's own jsdom environment does not have. Use the test environment " +
        "jest-fixed-jsdom, @happy-dom/jest-environment or node.",
    );
}
