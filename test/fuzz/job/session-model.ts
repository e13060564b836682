import type { ActiveCall, CancelTarget } from "../../../packages/core/src/protocol/active-call.ts";
import type { EndCause } from "../../../packages/core/src/protocol/protocol.ts";
import {
  type Link,
  linkOf,
  type SessionEffect,
  type SessionInput,
  type SessionTimer,
} from "../../../packages/core/src/protocol/session-record.ts";
import { isIdle, transition } from "../../../packages/core/src/protocol/session-state.ts";
import { parseMessage } from "../../../packages/core/src/wire/messages.ts";
import { PlayedSession } from "../../house/session-table.ts";
import { must } from "../target.ts";

/** Something that happens to the session. Numbers choose among what is there. */
export type Happening =
  | { do: "submit"; fnIndex: number }
  | { do: "reply"; which: number; ok: boolean }
  | { do: "opened" | "openFailed" | "heartbeat" | "goodbye" | "lost" | "parted" }
  | { do: "ended"; broken: boolean }
  | { do: "say"; what: "estimation" | "process_starts" | "progress" | "process_completed" | "cancelled"; which: number }
  | { do: "leave"; which: number; why: EndCause }
  | { do: "answer"; which: number }
  | { do: "pass"; milliseconds: number };

interface Armed {
  at: number;
  timer: SessionTimer;
}

/**
 * A session whose effects are recorded instead of performed: connections that are open, joins and cancels under way, timers, and the end of
 * each call.
 */
export class SessionModel {
  readonly #session = new PlayedSession();
  readonly #open = new Set<Link>();
  readonly #joins: ActiveCall[] = [];
  readonly #cancels: { calls: readonly CancelTarget[]; fnIndex: number }[] = [];
  readonly #calls: ActiveCall[] = [];
  readonly #left = new Set<ActiveCall>();
  readonly #ends = new Set<ActiveCall>();
  readonly #inputs: SessionInput[] = [];
  #timers: Armed[] = [];
  #ids = 0;

  take(happening: Happening): void {
    const link = linkOf(this.#session.state);
    switch (happening.do) {
      case "submit":
        return this.#submit(happening.fnIndex);
      case "reply":
        return this.#reply(happening.which, happening.ok);
      case "leave":
        return this.#leave(this.#pick(this.#calls, happening.which), happening.why);
      case "answer":
        return this.#answer(happening.which);
      case "pass":
        return this.#pass(happening.milliseconds);
      case "parted":
        for (const parting of this.#session.state.parting) this.#end(parting, undefined);
        return undefined;
      default:
        return link ? this.#onStream(happening, link) : undefined;
    }
  }

  /** Every call ends when the app is silent and time passes; a closed session keeps nothing. */
  finish(): void {
    while (this.#joins.length > 0) this.#reply(0, false);
    for (const call of this.#calls) this.#leave(call, "idle");
    // A cancel may be sent only after a while, and its answer may release the next one.
    for (let rounds = 0; rounds < 10; rounds++) {
      while (this.#cancels.length > 0) this.#answer(0);
      this.#pass(5_000);
    }
    must(this.#session.state.calls.size === 0, "a call without a reader stays in the session");
    must(this.#session.state.held.size === 0, "a call is held for ever");
    must(linkOf(this.#session.state) === null, "a stream without calls stays open");
    this.#input({ kind: "close" });
    this.#input({ kind: "closed" });
    must(isIdle(this.#session.state), "a closed session is not idle");
    must(this.#open.size === 0, `${this.#open.size} connections stay open after the end`);
  }

  #onStream(happening: Happening, link: Link): void {
    const say = (message: object): void => {
      link.lastByte = this.#session.now;
      this.#input({ kind: "message", link, message: parseMessage(message, { diffs: true, unquote: null }), text: "" });
    };
    if (happening.do === "opened") this.#input({ kind: "opened", link });
    else if (happening.do === "openFailed") this.#input({ kind: "openFailed", link, error: new Error("reset") });
    else if (happening.do === "ended") this.#end(link, happening.broken ? new Error("reset") : undefined);
    else if (happening.do === "heartbeat") say({ msg: "heartbeat", event_id: null });
    else if (happening.do === "goodbye") say({ msg: "close_stream", event_id: null });
    else if (happening.do === "lost")
      say({ msg: "unexpected_error", event_id: null, message: "404", session_not_found: true });
    else if (happening.do === "say") {
      const eventId = `e${happening.which % Math.max(1, this.#ids + 1)}`;
      const completed = { success: true, output: happening.what === "cancelled" ? {} : { data: [1] } };
      const msg = happening.what === "cancelled" ? "process_completed" : happening.what;
      say({ msg, event_id: eventId, rank: 0, progress_data: [], ...completed });
    }
  }

  #submit(fnIndex: number): void {
    if (this.#calls.length >= 6) return;
    const call = this.#session.submit(fnIndex);
    this.#calls.push(call);
    this.#perform(this.#session.raw);
    this.#drain();
  }

  #reply(which: number, ok: boolean): void {
    const call = this.#pick(this.#joins, which);
    if (!call) return;
    this.#joins.splice(this.#joins.indexOf(call), 1);
    if (ok) this.#input({ kind: "joined", call, eventId: `e${this.#ids++}`, took: 1 });
    else this.#input({ kind: "joinFailed", call, error: new Error("rejected") });
  }

  #leave(call: ActiveCall | undefined, why: EndCause): void {
    if (!call || this.#left.has(call) || this.#ends.has(call)) return;
    this.#left.add(call);
    this.#input({ kind: "left", call, why });
  }

  #answer(which: number): void {
    const cancel = this.#pick(this.#cancels, which);
    if (!cancel) return;
    this.#cancels.splice(this.#cancels.indexOf(cancel), 1);
    this.#input({ kind: "cancelAnswered", ...cancel });
  }

  #end(link: Link, error: unknown): void {
    this.#open.delete(link);
    this.#input({ kind: "ended", link, error });
  }

  #pass(milliseconds: number): void {
    const end = this.#session.now + milliseconds;
    for (let next = this.#due(end); next; next = this.#due(end)) {
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#session.now = Math.max(this.#session.now, next.at);
      this.#input({ kind: "timer", timer: next.timer });
    }
    this.#session.now = end;
  }

  #due(end: number): Armed | undefined {
    return this.#timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }

  #input(input: SessionInput): void {
    this.#inputs.push(input);
    this.#drain();
  }

  #drain(): void {
    for (let input = this.#inputs.shift(); input; input = this.#inputs.shift()) {
      this.#perform(transition(this.#session.state, input, this.#session.now));
      this.#check();
    }
  }

  #perform(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect.do === "open") this.#open.add(effect.link);
      else if (effect.do === "close") this.#open.delete(effect.link);
      else if (effect.do === "join") this.#joins.push(effect.call);
      else if (effect.do === "cancel") this.#cancels.push(effect);
      else if (effect.do === "complete" || effect.do === "fail") this.#onEnd(effect.call);
      else if (effect.do === "deliver") must(!this.#ends.has(effect.call), "a message comes after the end of its call");
      else if (effect.do === "arm") this.#arm(effect.timer, effect.delay);
      else if (effect.do === "disarm") this.#timers = this.#timers.filter(({ timer }) => timer.name !== effect.timer);
      else if (effect.do === "end") this.#timers = [];
    }
  }

  #onEnd(call: ActiveCall): void {
    must(!this.#ends.has(call), "a call ends twice");
    must(!this.#left.has(call), "a call without a reader ends for its reader");
    this.#ends.add(call);
    // Its reader unsubscribes then.
    this.#inputs.push({ kind: "left", call, why: "cancelled" });
  }

  #arm(timer: SessionTimer, delay: number): void {
    must(delay >= 0 && delay < 10_000, `a timer is armed for ${delay} ms`);
    const isSingle = timer.name === "hold" || timer.name === "grace" || timer.name === "doubt";
    if (isSingle) this.#timers = this.#timers.filter((one) => one.timer.name !== timer.name);
    this.#timers.push({ at: this.#session.now + delay, timer });
  }

  #check(): void {
    const { state } = this.#session;
    const link = linkOf(state);
    const known = new Set([...(link ? [link] : []), ...state.parting]);
    must(
      this.#open.size === known.size && [...this.#open].every((one) => known.has(one)),
      "the connections that are open are not those of the state",
    );
    must(state.stream.kind !== "lingering" || state.calls.size === 0, "the stream lingers with calls on it");
    must(state.stream.kind !== "open" || state.calls.size > 0, "the stream is open without calls");
    for (const [eventId, call] of state.byId)
      must(call.eventId === eventId && state.calls.has(call), "an accepted call is not one of the session's calls");
    const released = state.stream.kind === "doubted" ? "doubt" : "hold";
    const waiting =
      state.held.size > 0 && !this.#timers.some(({ timer }) => timer.name === released || timer.name === "hold");
    must(
      !waiting || [...state.cancels.values()].some(({ kind }) => kind === "travelling"),
      "a call is held for nothing",
    );
    for (const { fnIndex } of this.#cancels)
      if (fnIndex >= 0)
        must(state.cancels.get(fnIndex)?.kind === "travelling", "a cancel travels that the state does not know");
  }

  #pick<T>(all: readonly T[], which: number): T | undefined {
    return all[which % Math.max(1, all.length)];
  }
}
