import type { AppConfig } from "../app/config.ts";
import type { DialectOf } from "../data/dialect.ts";
import type { Http } from "../http/request.ts";
import type { AppIdentity } from "../protocol/app-identity.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { SessionTraits } from "../protocol/session-record.ts";
import type { WireTraits } from "../wire/messages.ts";

/** Differences between the generations and versions of the wire (PROTOCOL.md, 2.1). */
export interface Traits extends WireTraits, SessionTraits {}

/** The generation of the wire that an app uses: everything that differs between the generations. */
export interface Generation {
  /** The app's configuration. */
  config: AppConfig;
  traits: Traits;
  /** Returns the form in which the app writes the files of a component. */
  files: DialectOf;
  /** Makes the protocol that carries the calls of a client. */
  openProtocol: (http: Http, sessionHash: string, app: AppIdentity) => Protocol;
}
