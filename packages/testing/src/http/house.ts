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

/** All that the routes of one app work with. */
export interface House {
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

/** The named parts of a path, decoded. */
export type PathValues = Readonly<Record<string, string>>;

/** Answers one route. What it throws becomes the unforeseen 500. */
export type Handler = (request: Request, values: PathValues, house: House) => Response | Promise<Response>;

/** What a function will see of a request. */
export function callRequest(request: Request, sessionHash: string | null, house: House): CallRequest {
  const query = new URL(request.url).searchParams;
  return { headers: new Headers(request.headers), query, sessionHash, username: userOf(request, house) };
}

/** The endpoint that a body's `fn_index` or else a name means. Unknown ones throw: the real server's 500. */
export function findDependency(house: House, fnIndex: number | null, name?: string): Dependency {
  const found = house.model.dependencies.find(({ id, name: own }) =>
    fnIndex === null ? own === name : id === fnIndex,
  );
  if (found === undefined) throw new Error("no such endpoint");
  return found;
}
