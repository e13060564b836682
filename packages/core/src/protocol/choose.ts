import { ProtocolError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import { SessionStream } from "./session-stream.ts";
import { traitsOf } from "./traits.ts";

/** Most characters of one event. */
const EVENT_LIMIT = 64 * 1024 * 1024;
/** Most messages kept that come before the reply of their join. */
const PENDING_MESSAGES = 10_000;

/** What the choice depends on, from the app's configuration. */
export interface Announced {
  protocol: string;
  version: string;
  prefix: string;
  heartbeat: boolean;
}

/**
 * The protocol that an app speaks (PROTOCOL.md, 2.1).
 *
 * @throws ProtocolError for one that the SDK does not know.
 */
export function protocolFor(app: Announced, http: Http, sessionHash: string): SessionStream {
  const { protocol, version, prefix, heartbeat } = app;
  if (!/^sse_v(1|2|2\.1|3)$/.test(protocol))
    throw new ProtocolError(`The app speaks ${JSON.stringify(protocol)} (Gradio ${version}), which this SDK does not.`);
  return new SessionStream(sessionHash, {
    http,
    prefix,
    traits: traitsOf(protocol, version),
    heartbeat,
    eventLimit: EVENT_LIMIT,
    pendingMessages: PENDING_MESSAGES,
  });
}
