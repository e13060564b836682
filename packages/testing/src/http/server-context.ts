import type { Iterators } from "../call/iterators.ts";
import type { SessionState } from "../call/session-state.ts";
import type { Stepper } from "../call/step.ts";
import type { AppModel, Dependency } from "../describe/model.ts";
import type { CallRequest } from "../endpoint/context.ts";
import type { Settings } from "../options.ts";
import type { Queue } from "../queue/queue.ts";
import type { Sessions } from "../queue/sessions.ts";
import type { FileStore } from "../values/file-store.ts";
import type { MediaStreams } from "../values/media-streams.ts";
import type { EventStreams } from "./event-streams.ts";
import { type Logins, userOf } from "./logins.ts";

/** State and services of one app that its routes use. */
export interface ServerContext {
  model: AppModel;
  settings: Settings;
  /** Decimal digits. */
  appId: string;
  queue: Queue;
  sessions: Sessions;
  stepper: Stepper;
  iterators: Iterators;
  store: FileStore;
  media: MediaStreams;
  logins: Logins;
  states: (sessionHash: string | null) => SessionState;
  streams: EventStreams;
}

/** Named parts of a path, decoded. */
export type PathValues = Readonly<Record<string, string>>;

/** Responds to requests of one route. An error that it throws becomes a response with status 500. */
export type Handler = (request: Request, values: PathValues, server: ServerContext) => Response | Promise<Response>;

/** Returns the request data that functions receive. */
export function callRequest(request: Request, sessionHash: string | null, server: ServerContext): CallRequest {
  const query = new URL(request.url).searchParams;
  return { headers: new Headers(request.headers), query, sessionHash, username: userOf(request, server) };
}

/** Finds an endpoint by `fn_index`, or else by name. Throws for an unknown one, which leads to status 500 as in Gradio. */
export function findDependency(server: ServerContext, fnIndex: number | null, name?: string): Dependency {
  const found = server.model.dependencies.find(({ id, name: own }) =>
    fnIndex === null ? own === name : id === fnIndex,
  );
  if (found === undefined) throw new Error("There is no such endpoint");
  return found;
}
