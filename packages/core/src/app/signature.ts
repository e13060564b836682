import { ProtocolError } from "../errors.ts";
import { isFields, number, text } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { signedUrl } from "../http/urls.ts";
import { startBackgroundTimer, LONGEST_DELAY } from "../timers.ts";
import { askAboutSpace, readSpace, spacePath, type SpaceName } from "./space.ts";

/** Lifetime of a token that names none, in milliseconds. */
const LIFE = 300_000;
/** Pause after a renewal that failed, in milliseconds. */
const PAUSE = 30_000;
/** Part of a token's lifetime after which it is renewed. */
const RENEW_AT = 2 / 3;

/** Dependencies of a signature. */
export interface SignatureSettings {
  hub: Http;
  name: SpaceName;
  /** Origin of the app. Addresses of other origins are not signed. */
  origin: string;
  /** Aborted when the client ends; then renewals stop. */
  closed: AbortSignal;
  /** Logs a failed renewal. Calls continue without a signature. */
  warn: (message: string) => void;
}

/**
 * Signs the addresses of a private Space's files, so that elements such as `<img>`, which send no token, can load them. The
 * signature is renewed before it expires, as long as the client is open.
 */
export class Signature {
  readonly #settings: SignatureSettings;
  readonly #space: string;
  #token: string | null = null;
  /** Time of the next renewal, and the time at which the token expires. */
  #due = 0;
  #expires = 0;
  #renewal: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(settings: SignatureSettings, space: string) {
    this.#settings = settings;
    this.#space = space;
    settings.closed.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** Opens the signature of a Space; resolves with `null` for a public Space and where the Hub fails. Never rejects. */
  static async open(settings: SignatureSettings): Promise<Signature | null> {
    const { hub, name, closed, warn } = settings;
    try {
      const { id, isPrivate } = await readSpace(hub, name, { signal: closed, idempotent: true });
      if (!isPrivate) return null;
      const signature = new Signature(settings, id);
      await signature.#renew();
      return signature;
    } catch (error) {
      if (!closed.aborted) warn(`The addresses of files are not signed. ${messageOf(error)}`);
      return null;
    }
  }

  /** Returns the address, signed where it has the origin of the app. */
  sign(address: string): string {
    const own = this.#token !== null && URL.canParse(address) && new URL(address).origin === this.#settings.origin;
    return own ? signedUrl(address, this.#token!) : address;
  }

  /** Renews the token before a call, where it is due. Waits for the renewal only where the token has expired. */
  async fresh(): Promise<void> {
    if (Date.now() < this.#due) return;
    const renewal = this.#renew();
    // The timer does not run while a machine sleeps.
    if (Date.now() >= this.#expires) await renewal;
  }

  /** Returns a function that gives the platform's headers of a call after {@link fresh}. */
  beforeJoin<Headers>(own: (() => Promise<Headers>) | undefined): () => Promise<Headers | Record<string, never>> {
    return async () => {
      const [headers] = await Promise.all([own?.(), this.fresh()]);
      return headers ?? {};
    };
  }

  /** Reads a new token. Concurrent calls share one request. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#read().finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  async #read(): Promise<void> {
    const { hub, closed, warn } = this.#settings;
    if (closed.aborted) return;
    let pause = PAUSE;
    try {
      const token = await readToken(hub, this.#space, closed);
      const life = lifeOf(token, Date.now());
      hub.settings.secrets.add(token);
      this.#token = token;
      this.#expires = Date.now() + life;
      pause = RENEW_AT * life;
    } catch (error) {
      if (!closed.aborted) warn(`The addresses of files could not be signed. ${messageOf(error)}`);
    }
    this.#due = Date.now() + pause;
    clearTimeout(this.#timer);
    const delay = Math.min(LONGEST_DELAY, Math.max(1_000, pause));
    if (!closed.aborted) this.#timer = startBackgroundTimer(() => void this.#renew(), delay);
  }
}

async function readToken(hub: Http, space: string, signal: AbortSignal): Promise<string> {
  const { body } = await askAboutSpace(
    hub,
    { space },
    { path: `${spacePath({ space })}/jwt`, signal, idempotent: true },
  );
  const token = isFields(body) ? text(body["token"]) : null;
  if (token === null || token === "") throw new ProtocolError(`The Hub gave no token for the files of "${space}".`);
  return token;
}

/** Returns the lifetime of a token in milliseconds; by the clock of its issuer, where it has the time of issue. */
function lifeOf(token: string, now: number): number {
  try {
    const payload = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const expires = isFields(claims) ? number(claims["exp"]) : null;
    const made = isFields(claims) ? number(claims["iat"]) : null;
    const life = expires === null ? LIFE : expires * 1_000 - (made === null ? now : made * 1_000);
    return life > 0 ? life : LIFE;
  } catch {
    return LIFE;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
