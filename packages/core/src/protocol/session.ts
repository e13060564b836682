import type { Observer } from "rxjs";
import { ProtocolError } from "../errors.ts";
import { eventStream } from "../http/body.ts";
import type { Http } from "../http/request.ts";
import { encodePart } from "../http/urls.ts";
import { startBackgroundTimer } from "../timers.ts";
import { brokenMessage, parseMessage, type WireMessage, type WireTraits } from "../wire/messages.ts";
import { type ActiveCall, activeCall, type CancelTarget, isQueued } from "./active-call.ts";
import type { AppIdentity } from "./app-identity.ts";
import { endOf, type PreparedCall, type ProtocolMessage } from "./protocol.ts";
import { chunkPort, heartbeat, join, sendCancel, sendReset } from "./requests.ts";
import {
  type Link,
  linkOf,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  type SessionTimer,
  type SessionTraits,
} from "./session-record.ts";
import { isIdle, lastActivityOf, newSessionState, receiverOf, transition } from "./session-state.ts";
import { untilSilent } from "./silence.ts";
import { CANCEL_TIMEOUT, SWEEP } from "./timings.ts";

/** Settings that the sessions of one client share. */
export interface SessionSettings {
  http: Http;
  /** Prefix of every path of the app's API: `gradio_api/`, or `""` before 5.0. */
  prefix: string;
  traits: SessionTraits & WireTraits;
  readonly app: AppIdentity;
  /** Whether sessions open a heartbeat connection where the app expects one. */
  heartbeat: boolean;
}

/** Listeners of one session. */
export interface SessionListeners {
  /** Called with each change of the event stream. */
  onState: (state: "idle" | "connecting" | "open" | "lost") => void;
  /** Called when no call and no connection is left. */
  onIdle: () => void;
}

/** Part of a session that runs until it is stopped: a connection, the request of a cancel, a timer, the heartbeat. */
type Activity = Link | CancelTarget | SessionTimer | SessionTimer["name"] | "heartbeat";

/** State of an activity: the function that stops it, and the answer that it waits for. */
interface Running {
  stop: () => void;
  /** Answer to the cancel of a call that may run; see {@link sendCancel}. */
  answered?: Promise<void>;
}

/**
 * One session at the app: its calls, and the one event stream that brings their messages (PROTOCOL.md, 2.5).
 *
 * {@link transition} makes all decisions: it turns each input into effects, which this class performs, one input after the other.
 */
export class Session {
  readonly hash: string;
  readonly #settings: SessionSettings;
  readonly #listeners: SessionListeners;
  readonly #state: SessionState;
  /** Inputs that came while the effects of another one were performed. */
  readonly #inputs: SessionInput[] = [];
  #isBusy = false;
  /** Everything that runs. */
  readonly #running = new Map<Activity, Running>();
  /** Calls without a reader that are being cancelled at the app. */
  readonly #cancelled = new Map<CancelTarget, { promise: Promise<void>; resolve: () => void }>();

  constructor(hash: string, settings: SessionSettings, listeners: SessionListeners) {
    this.hash = hash;
    this.#settings = settings;
    this.#listeners = listeners;
    settings.http.settings.secrets.add(hash);
    this.#state = newSessionState(settings.traits, settings.http.settings.limits);
  }

  /** Whether no call and no connection is left. */
  get isIdle(): boolean {
    return isIdle(this.#state) && !this.#running.has("heartbeat");
  }

  /** Whether the session has ever lost a call. */
  get hasLostCalls(): boolean {
    return this.#state.hasLostCalls;
  }

  /** Sends a call, at once or as soon as the session allows it. */
  submit(call: PreparedCall, observer: Observer<ProtocolMessage>): ActiveCall {
    const active = activeCall(call, observer);
    observer.next({ kind: "sent", lastActivity: () => lastActivityOf(this.#state, active) });
    this.#take({ kind: "submit", call: active });
    return active;
  }

  /** Handles the end of a call's reader: unless the call has ended, it is cancelled at the app. */
  leave(call: ActiveCall, signal: AbortSignal): void {
    const end = endOf(signal);
    if (call.phase !== "over" && call.phase !== "held") {
      const settled = this.#untilSettled(call);
      end?.waitUntil(settled);
    }
    this.#take({ kind: "left", call, why: end?.why ?? "cancelled" });
  }

  /** Ends the heartbeat of a session that the client has replaced, after its last call. */
  retire(): void {
    this.#take({ kind: "retire" });
  }

  /** Ends the session: cancels what runs, waits for the answers until `timeout` settles, and closes the stream. */
  async close(timeout: Promise<unknown>): Promise<void> {
    this.#take({ kind: "close" });
    const isOpen = linkOf(this.#state) !== null;
    const settled = Array.from(this.#cancelled)
      // The end of the stream removes queued calls from the queue.
      .filter(([call]) => !isQueued(call) || !isOpen)
      .map(([, { promise }]) => promise);
    // A cancel that waited for a sibling was settled for its caller before it was sent.
    const answered = Array.from(this.#running.values(), (one) => one.answered);
    await Promise.race([Promise.all([...settled, ...answered]), timeout]);
    this.#take({ kind: "closed" });
  }

  #untilSettled(call: ActiveCall): Promise<void> {
    let resolve!: () => void;
    const promise = new Promise<void>((settle) => (resolve = settle));
    const settle = (): void => {
      clearTimeout(timer);
      this.#cancelled.delete(call);
      resolve();
    };
    const timer = setTimeout(settle, CANCEL_TIMEOUT);
    this.#cancelled.set(call, { promise, resolve: settle });
    return promise;
  }

  #take(input: SessionInput): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#drain();
  }

  #drain(): void {
    try {
      for (let input = this.#inputs.shift(); input; input = this.#inputs.shift()) {
        const now = input.kind === "message" ? input.link.lastByte : performance.now();
        for (const effect of transition(this.#state, input, now)) this.#perform(effect);
      }
    } finally {
      this.#isBusy = false;
    }
    if (this.isIdle) this.#listeners.onIdle();
  }

  #perform(effect: SessionEffect): void {
    switch (effect.do) {
      case "deliver":
        return effect.call.observer.next(effect.message);
      case "complete":
        return effect.call.observer.complete();
      case "fail":
        return effect.call.observer.error(effect.error);
      case "accept":
        return this.#accept(effect.call, effect.eventId);
      case "join":
        return void this.#join(effect.call);
      case "open":
        return this.#open(effect.link);
      case "close":
        return this.#stop(effect.link);
      case "cancel":
        return void this.#cancel(effect.calls, effect.fnIndex);
      case "abortCancel":
        return this.#stop(effect.call);
      case "reset":
        return void this.#reset(effect.call);
      case "settle":
        return this.#cancelled.get(effect.call)?.resolve();
      case "arm":
        return this.#arm(effect.timer, effect.delay);
      case "disarm":
        return this.#stop(effect.timer);
      case "report":
        return this.#listeners.onState(effect.state);
      case "startHeartbeat":
        return this.#startHeartbeat();
      case "endHeartbeat":
        return this.#stop("heartbeat");
      case "end":
        for (const activity of this.#running.keys()) this.#stop(activity);
    }
  }

  #stop(activity: Activity): void {
    this.#running.get(activity)?.stop();
    this.#running.delete(activity);
  }

  /** Opens the heartbeat, or ends the one that the app no longer expects since it was redeployed. */
  #startHeartbeat(): void {
    const { http, prefix, app, heartbeat: isWanted } = this.#settings;
    if (!isWanted || !app.hasHeartbeat) this.#stop("heartbeat");
    else if (!this.#running.has("heartbeat"))
      this.#running.set("heartbeat", { stop: heartbeat(http, `${prefix}heartbeat/${encodePart(this.hash)}`) });
  }

  async #join(call: ActiveCall): Promise<void> {
    const { http, prefix } = this.#settings;
    const sent = performance.now();
    try {
      const eventId = await join(http, prefix, call.call, this.hash);
      this.#take({ kind: "joined", call, eventId, took: performance.now() - sent });
    } catch (error) {
      this.#take({ kind: "joinFailed", call, error });
    }
  }

  #accept(call: ActiveCall, eventId: string): void {
    const { http, prefix } = this.#settings;
    const chunks = chunkPort(http, call.call, { prefix, sessionHash: this.hash, eventId });
    call.observer.next({ kind: "accepted", eventId, chunks });
  }

  #open(link: Link): void {
    const { http, prefix, app } = this.#settings;
    const path = `${prefix}queue/data?session_hash=${encodePart(this.hash)}`;
    const stream$ = eventStream({
      // Messages wait for a reader, so a request that the app has not seen can be sent again (PROTOCOL.md, 2.5). If it has seen
      // it, it must have swept the session before: of two readers, one receives nothing.
      open: (signal) => {
        const onRetry = (error: unknown): void => {
          app.doubt();
          this.#take({ kind: "openFailed", link, error });
        };
        return http.open(path, { signal, retry: { minDelay: SWEEP, onRetry } });
      },
      onOpen: () => this.#take({ kind: "opened", link }),
      onBytes: () => app.seen((link.lastByte = performance.now())),
      limit: http.settings.limits.event,
    });
    const connection = untilSilent(stream$, { lastByte: () => link.lastByte, confirm: () => app.confirm() }).subscribe({
      next: (data) => this.#read(link, data),
      complete: () => this.#end(link, undefined),
      error: (error) => this.#end(link, error),
    });
    this.#running.set(link, { stop: () => connection.unsubscribe() });
  }

  #end(link: Link, error: unknown): void {
    this.#running.delete(link);
    if (error !== undefined) this.#settings.app.doubt();
    this.#take({ kind: "ended", link, error });
  }

  #read(link: Link, data: string): void {
    if (data === "" || link !== linkOf(this.#state)) return;
    const { http, traits } = this.#settings;
    let message: WireMessage;
    try {
      message = parseMessage(http.parseMessage(data), traits);
    } catch (cause) {
      const error = unreadable(cause, http.quote(data));
      const broken = brokenMessage(data, error.message);
      if (!broken) return this.#take({ kind: "ended", link, error });
      message = broken;
    }
    // An app that does not know the session may be another one.
    if (message.kind === "unexpected_error" && message.sessionNotFound) this.#settings.app.doubt();
    const call = this.#isBusy ? null : receiverOf(this.#state, link, message, link.lastByte);
    if (!call) return this.#take({ kind: "message", link, message, text: data });
    this.#isBusy = true;
    call.observer.next(message);
    if (this.#inputs.length > 0) this.#drain();
    else this.#isBusy = false;
  }

  async #cancel(calls: readonly CancelTarget[], fnIndex: number): Promise<void> {
    await Promise.all(calls.map((call) => this.#sendCancel(call, fnIndex)));
    if (this.#state.stream.kind !== "closed") this.#take({ kind: "cancelAnswered", calls, fnIndex });
  }

  async #reset(call: ActiveCall): Promise<void> {
    const { http, prefix } = this.#settings;
    const hasStopped = await sendReset(http, prefix, call.call, { event_id: call.eventId });
    if (!hasStopped) this.#take({ kind: "resetFailed", call });
  }

  async #sendCancel(target: CancelTarget, fnIndex: number): Promise<void> {
    const { http, prefix } = this.#settings;
    const json = { session_hash: this.hash, fn_index: fnIndex, event_id: target.eventId };
    const abort = new AbortController();
    const answered = sendCancel(http, prefix, { json, callHeaders: target.call.headers, signal: abort.signal });
    // The end of the stream removes the calls of other cancels from the queue.
    const running: Running = { stop: () => abort.abort(), ...(fnIndex >= 0 && { answered }) };
    this.#running.set(target, running);
    await answered;
    if (this.#running.get(target) === running) this.#running.delete(target);
  }

  #arm(timer: SessionTimer, delay: number): void {
    const isSingle = timer.name === "hold" || timer.name === "grace" || timer.name === "doubt";
    const key = isSingle ? timer.name : timer;
    this.#stop(key);
    const fire = (): void => {
      this.#running.delete(key);
      this.#take({ kind: "timer", timer });
    };
    // A call waits for `hold`: it keeps the program alive.
    const id = timer.name === "hold" ? setTimeout(fire, delay) : startBackgroundTimer(fire, delay);
    this.#running.set(key, { stop: () => clearTimeout(id) });
  }
}

function unreadable(error: unknown, quoted: string): ProtocolError {
  if (error instanceof ProtocolError) return error;
  return new ProtocolError(`The app sent an event that is not JSON: ${quoted}`);
}
