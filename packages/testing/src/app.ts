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
import type { House } from "./http/house.ts";
import type { SeenRequest } from "./http/router.ts";
import { answer } from "./http/router.ts";
import type { AppOptions, Settings } from "./options.ts";
import { settle } from "./options.ts";
import { createGroups } from "./queue/groups.ts";
import type { Job } from "./queue/job.ts";
import { createQueue } from "./queue/queue.ts";
import { createReporter } from "./queue/reporter.ts";
import type { RunHouse } from "./queue/run.ts";
import { createRunTimes } from "./queue/estimates.ts";
import { createResultCache } from "./queue/result-cache.ts";
import { createSessions } from "./queue/sessions.ts";
import { memoryFetch, memoryTransport } from "./transport.ts";
import { createFileStore } from "./values/file-store.ts";
import { createMediaStreams } from "./values/media-streams.ts";

/** An app, in whatever way it is reached: what a test may watch, and what it may do to the connection. */
export interface App {
  /** The app's address, without a final slash. */
  readonly url: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly SeenRequest[];
  /**
   * How many requests of a method came to a path, or to a route such as `"/heartbeat/{session_hash}"`.
   * The prefix `/gradio_api` may be left out.
   */
  count(method: string, path: string): number;
  /** Event streams that are open: data streams, heartbeats, and those of `/call`. */
  readonly openStreams: number;
  /** Functions and generators that have been started and have not ended. */
  readonly running: number;
  /** Jobs that wait for their turn. */
  readonly queued: number;
  /**
   * Ends all open event streams, and with them what the server does when a reader goes.
   *
   * @param options - `clean: true` ends them in good order, without a last message; else they break off.
   * @returns how many there were.
   */
  dropStreams(options?: { clean?: boolean }): number;
  /** Starts over as a new server at the same address: a new `app_id`; sessions, jobs and streams are lost, files stay. */
  restart(): void;
  /** Ends every job and stream. Later requests fail as they would without a server. */
  close(): Promise<void>;
}

/** An app in memory. */
export interface MemoryApp extends App {
  /** Answers a request as the network would; a closed app rejects. Aborting the request's signal breaks the answer off. */
  fetch(request: Request): Promise<Response>;
  /** The same as a transport, for a client's `transport` option. */
  readonly transport: Transport;
}

/**
 * Makes a Gradio app in memory: no port, no network, no Python.
 *
 * @param endpoints - each endpoint's name, and its function or what `endpoint` made.
 *
 * @example
 * const app = createApp({ "/greet": (name: string) => `Hello ${name}` });
 * const client = await Client.connect(app.url, { transport: app.transport });
 */
export function createApp(endpoints: Readonly<Record<string, EndpointValue>>, options: AppOptions = {}): MemoryApp {
  const settings = settle(options);
  const requests: SeenRequest[] = [];
  const model = createModel(endpoints);
  const store = createFileStore();
  const open = (): House => createHouse(model, settings, store);
  let house = open();
  let closed = false;
  const stop = (): void => {
    house.streams.drop();
    house.queue.stop();
  };
  const fetch = memoryFetch((request) => {
    if (closed) throw new TypeError("fetch failed");
    return answer(request, house, (seen) => requests.push(seen));
  });
  return {
    url: `http://app.test${settings.path}`,
    requests,
    count: (method, path) => requests.filter((request) => request.method === method && isAt(request, path)).length,
    get openStreams() {
      return house.streams.count();
    },
    get running() {
      return house.stepper.running();
    },
    get queued() {
      return house.queue.size();
    },
    dropStreams: (how) => house.streams.drop(how),
    restart() {
      stop();
      house = open();
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

function createHouse(model: House["model"], settings: Settings, store: House["store"]): House {
  const sessions = createSessions();
  const iterators = createIterators();
  const stepper = createStepper(iterators);
  const states = createSessionStates();
  const media = createMediaStreams();
  const logins = createLogins();
  const run: RunHouse = {
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
    exchange: ({ id, sessionHash, root }) => {
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

/** Large enough that a number would lose digits. */
function createAppId(): string {
  const [number = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return String(number | (1n << 63n));
}
