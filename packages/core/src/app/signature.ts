import { ProtocolError } from "../errors.ts";
import { isFields, number, text } from "../fields.ts";
import type { Http } from "../http/request.ts";
import { signedUrl } from "../http/urls.ts";
import { later, LONGEST_DELAY } from "../timers.ts";
import { askOf, pathOf, readSpace, type SpaceName } from "./space.ts";

/** How long a token is good for that does not say it, in milliseconds. */
const LIFE = 300_000;
/** After a renewal that failed, in milliseconds. */
const PAUSE = 30_000;
/** The part of a token's life after which the next one is asked for. */
const RENEW_AT = 2 / 3;

/** What a signature needs. */
export interface SignatureSettings {
  hub: Http;
  name: SpaceName;
  /** The app's origin: no other address is signed. */
  origin: string;
  /** Aborted when the client ends, and with it the renewals. */
  closed: AbortSignal;
  /** Told, in a sentence, of what goes wrong: calls go on without. */
  warn: (sentence: string) => void;
}

/**
 * Signs addresses of a private Space's files, so that `<img>` and its like can load them: they send no token. Renewed
 * before it expires, for as long as the client is open.
 */
export class Signature {
  readonly #settings: SignatureSettings;
  readonly #space: string;
  #token: string | null = null;
  /** When the next one is asked for, and until when this one is good. */
  #due = 0;
  #expires = 0;
  #renewal: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(settings: SignatureSettings, space: string) {
    this.#settings = settings;
    this.#space = space;
    settings.closed.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  /** The signature for a Space; `null` for a public one, and where the Hub does not say. Never rejects. */
  static async open(settings: SignatureSettings): Promise<Signature | null> {
    const { hub, name, closed, warn } = settings;
    try {
      const { id, isPrivate } = await readSpace(hub, name, { signal: closed, idempotent: true });
      if (!isPrivate) return null;
      const signature = new Signature(settings, id);
      await signature.#renew();
      return signature;
    } catch (error) {
      if (!closed.aborted) warn(`Addresses of files are not signed. ${said(error)}`);
      return null;
    }
  }

  /** The address, signed where it is the app's own. */
  sign(address: string): string {
    const own = this.#token !== null && URL.canParse(address) && new URL(address).origin === this.#settings.origin;
    return own ? signedUrl(address, this.#token!) : address;
  }

  /** Makes sure, before a call, that what the call gives will be signed with a token that is still good. */
  async fresh(): Promise<void> {
    if (Date.now() < this.#due) return;
    const renewal = this.#renew();
    // A machine that slept has missed its timer.
    if (Date.now() >= this.#expires) await renewal;
  }

  /** What gives the platform's headers for a call, once signatures are good for another one. */
  beforeJoin<Headers>(own: (() => Promise<Headers>) | undefined): () => Promise<Headers | Record<string, never>> {
    return async () => {
      const [headers] = await Promise.all([own?.(), this.fresh()]);
      return headers ?? {};
    };
  }

  /** Reads a new token; many who ask get one request. */
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
      this.#token = token;
      this.#expires = Date.now() + life;
      pause = RENEW_AT * life;
    } catch (error) {
      if (!closed.aborted) warn(`Addresses of files could not be signed anew. ${said(error)}`);
    }
    this.#due = Date.now() + pause;
    clearTimeout(this.#timer);
    const delay = Math.min(LONGEST_DELAY, Math.max(1_000, pause));
    if (!closed.aborted) this.#timer = later(() => void this.#renew(), delay);
  }
}

async function readToken(hub: Http, space: string, signal: AbortSignal): Promise<string> {
  const { body } = await askOf(hub, { space }, { path: `${pathOf({ space })}/jwt`, signal, idempotent: true });
  const token = isFields(body) ? text(body["token"]) : null;
  if (token === null || token === "") throw new ProtocolError(`The Hub gave no token for files of "${space}".`);
  return token;
}

/** How long a token is good for, in milliseconds, by what it says; by its own clock where it says when it was made. */
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

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
