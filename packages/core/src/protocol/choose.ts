import { ProtocolError } from "../errors.ts";
import type { Http } from "../http/request.ts";
import type { Protocol } from "./protocol.ts";
import { SessionStream } from "./session-stream.ts";
import { traitsOf } from "./traits.ts";

/** What the choice depends on, from the app's configuration. */
export interface Announced {
  protocol: string;
  version: string;
  prefix: string;
  heartbeat: boolean;
}

/**
 * The protocol that an app speaks (PROTOCOL.md, 2.1). Those of old apps are loaded when they are met.
 *
 * @throws ProtocolError for one that the SDK does not know.
 */
export async function protocolFor(app: Announced, http: Http, sessionHash: string): Promise<Protocol> {
  const { protocol, version, prefix, heartbeat } = app;
  const settings = { http, prefix, traits: await traitsOf(protocol, version) };
  switch (protocol) {
    case "ws":
      return (await import("./websocket.ts")).webSockets(sessionHash, settings);
    case "sse":
      return (await import("./sse.ts")).callEventStreams(sessionHash, settings);
    case "sse_v1":
    case "sse_v2":
    case "sse_v2.1":
    case "sse_v3":
      return new SessionStream(sessionHash, { ...settings, heartbeat });
    default:
      throw new ProtocolError(
        `The app speaks ${JSON.stringify(protocol)} (Gradio ${version}), which this SDK does not.`,
      );
  }
}
