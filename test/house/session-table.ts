import { ConnectionError } from "../../packages/core/src/errors.ts";
import { type ActiveCall, activeCall } from "../../packages/core/src/protocol/active-call.ts";
import type { CallEnd, PreparedCall } from "../../packages/core/src/protocol/protocol.ts";
import {
  type Link,
  linkOf,
  type SessionEffect,
  type SessionInput,
  type SessionState,
  type SessionTimer,
  type SessionTraits,
  type Stream,
} from "../../packages/core/src/protocol/session-record.ts";
import { newSessionState, transition } from "../../packages/core/src/protocol/session-state.ts";
import { parseMessage } from "../../packages/core/src/wire/messages.ts";

/** A session without clock and connection: a test gives it inputs, and reads its effects. */
export class PlayedSession {
  readonly state: SessionState;
  now = 10_000;
  /** State of the stream before the last input. */
  before: Stream["kind"] = "idle";
  /** Effects of the last input, as words. */
  effects: readonly string[] = [];
  /** Effects of the last input. */
  raw: readonly SessionEffect[] = [];

  constructor(traits: Partial<SessionTraits> = {}) {
    this.state = newSessionState(
      { cancels: true, remembers: true, dequeues: true, ...traits },
      { pendingMessages: 5, pendingBytes: 1_000 },
    );
  }

  take(input: SessionInput): this {
    this.before = this.state.stream.kind;
    this.raw = transition(this.state, input, this.now);
    this.effects = this.raw.map(inWords);
    return this;
  }

  /** Submits a call of a function. */
  submit(fnIndex = 0): ActiveCall {
    const nothing = (): void => undefined;
    const call = activeCall({ endpoint: "/f", fnIndex } as PreparedCall, {
      next: nothing,
      error: nothing,
      complete: nothing,
    });
    this.take({ kind: "submit", call });
    return call;
  }

  /** Submits a call, and accepts its join. */
  accept(eventId: string, fnIndex = 0, took = 1): ActiveCall {
    const call = this.submit(fnIndex);
    this.join(call, eventId, took);
    return call;
  }

  join(call: ActiveCall, eventId: string, took = 1): this {
    return this.take({ kind: "joined", call, eventId, took });
  }

  /** Accepts a call on an open stream, which sends a first message. */
  run(eventId: string, fnIndex = 0): ActiveCall {
    const call = this.accept(eventId, fnIndex);
    if (this.state.stream.kind === "connecting") this.open();
    this.say({ msg: "process_starts", event_id: eventId });
    return call;
  }

  /** Ends an only call, so that the stream lingers. */
  linger(): this {
    this.run("a");
    return this.done("a");
  }

  get link(): Link {
    return linkOf(this.state)!;
  }

  open(): this {
    return this.take({ kind: "opened", link: this.link });
  }

  say(message: object): this {
    const parsed = parseMessage(message, { diffs: true, unquote: null });
    return this.take({ kind: "message", link: this.link, message: parsed, text: "" });
  }

  wait(eventId: string): this {
    return this.say({ msg: "estimation", event_id: eventId, rank: 0, queue_text: "" });
  }

  done(eventId: string): this {
    return this.say({ msg: "process_completed", event_id: eventId, success: true, output: { data: [1] } });
  }

  goodbye(): this {
    return this.say({ msg: "close_stream", event_id: null });
  }

  notFound(): this {
    return this.say({ msg: "unexpected_error", event_id: null, message: "404", session_not_found: true });
  }

  end(error?: unknown): this {
    return this.take({ kind: "ended", link: this.link, error });
  }

  leave(call: ActiveCall, why: CallEnd["why"] = "cancelled"): this {
    return this.take({ kind: "left", call, why });
  }

  /** Lets time pass. */
  pass(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  timer(timer: SessionTimer): this {
    return this.take({ kind: "timer", timer });
  }
}

function inWords(effect: SessionEffect): string {
  if (effect.do === "arm") return `arm ${effect.timer.name}`;
  if (effect.do === "disarm") return `disarm ${effect.timer}`;
  if (effect.do === "report") return `report ${effect.state}`;
  if (effect.do === "cancel") return effect.fnIndex === -1 ? "cancel in queue" : "cancel";
  return effect.do;
}

/** One row of the table: a state of the stream, an input, and what comes of it. */
export interface Row {
  stream: Stream["kind"];
  input: string;
  next: Stream["kind"];
  effects: readonly string[];
  /** The reason, as a sentence. */
  because: string;
  /** Brings a session into the state, and gives it the input last. */
  play: (session: PlayedSession) => unknown;
}

const broken = new ConnectionError("The connection was reset.", { accepted: true });
const sendCall = ["startHeartbeat", "disarm grace", "join"];
const row = (
  stream: Row["stream"],
  input: string,
  next: Row["next"],
  effects: readonly string[],
  because: string,
  play: Row["play"],
): Row => ({ stream, input, next, effects, because, play });

/** The transitions of a session's stream. ARCHITECTURE.md prints them. */
export const rows: readonly Row[] = [
  row("idle", "submit", "idle", sendCall, "the app knows no session before its first join", (session) =>
    session.submit(),
  ),
  row(
    "idle",
    "submit, session known",
    "connecting",
    ["startHeartbeat", "disarm grace", "open", "report connecting", "join"],
    "join and stream travel together after `close_stream`",
    (session) => {
      session.linger().goodbye();
      session.submit();
    },
  ),
  row(
    "idle",
    "joined",
    "connecting",
    ["accept", "open", "report connecting"],
    "the stream is opened after the first accepted join",
    (session) => session.accept("a"),
  ),
  row("idle", "join failed", "idle", ["settle", "fail"], "a rejected call needs no stream", (session) =>
    session.take({ kind: "joinFailed", call: session.submit(), error: broken }),
  ),
  row("connecting", "joined", "connecting", ["accept"], "one stream carries all calls of the session", (session) => {
    session.accept("a");
    session.accept("b");
  }),
  row("connecting", "opened", "open", ["report open"], "the response of the stream has begun", (session) => {
    session.accept("a");
    session.open();
  }),
  row(
    "connecting",
    "opened, calls were lost before",
    "open",
    ["cancel", "report open"],
    "the app keeps lost calls pending until they are cancelled while a reader is connected",
    (session) => {
      session.run("a");
      session.end(broken).pass(400);
      session.accept("b", 1);
      session.open();
    },
  ),
  row(
    "connecting",
    "opened, calls of the same function were lost before",
    "open",
    ["settle", "report open"],
    "the cancel would stop the call that was accepted since, and waits for its end",
    (session) => {
      session.run("a");
      session.end(broken).pass(400);
      session.accept("b");
      session.open();
    },
  ),
  row(
    "connecting",
    "opened, after a request that the app may have seen",
    "open",
    ["report open", "arm silence"],
    "the app may have swept the session when the first request ended",
    (session) => {
      session.accept("a");
      session.take({ kind: "openFailed", link: session.link, error: broken });
      session.open();
    },
  ),
  row(
    "connecting",
    "session not found, opened before the join",
    "idle",
    ["close", "report idle"],
    "the app has forgotten the session; the join opens another stream",
    (session) => {
      session.linger().goodbye();
      session.submit();
      session.notFound();
    },
  ),
  row("open", "submit", "open", sendCall, "a call is sent at once", (session) => {
    session.run("a");
    session.submit();
  }),
  row("open", "message of a call", "open", ["deliver"], "messages go to their call", (session) => {
    session.run("a");
    session.wait("a");
  }),
  row(
    "open",
    "message of an unknown call, no join under way",
    "open",
    [],
    "the call has ended, or belongs to another client",
    (session) => {
      session.run("a");
      session.wait("x");
    },
  ),
  row(
    "open",
    "too many messages of unknown calls, joins under way",
    "open",
    ["fail"],
    "it is no longer known which call the dropped messages belong to",
    (session) => {
      session.run("a");
      session.submit();
      for (let count = 0; count < 6; count++) session.wait("x");
    },
  ),
  row("open", "heartbeat", "open", [], "the app is alive", (session) => {
    session.run("a");
    session.say({ msg: "heartbeat", event_id: null });
  }),
  row(
    "open",
    "heartbeat, a call without a message for 10 s",
    "lingering",
    ["settle", "fail", "arm grace"],
    "the app sends the first message of a call before: another reader received it",
    (session) => {
      session.accept("a");
      session.open().pass(10_000);
      session.say({ msg: "heartbeat", event_id: null });
    },
  ),
  row(
    "open",
    "message that ends the last call",
    "lingering",
    ["deliver", "complete", "settle", "arm grace"],
    "the app is about to close the stream",
    (session) => session.linger(),
  ),
  row(
    "open",
    "close_stream, calls accepted since",
    "connecting",
    ["disarm grace", "arm parting", "report idle", "open", "report connecting"],
    "a call without a message was accepted after the app had decided to close",
    (session) => {
      session.accept("a");
      session.open().goodbye();
    },
  ),
  row(
    "open",
    "close_stream, a call has had messages",
    "sweeping",
    ["disarm grace", "close", "report lost", "settle", "fail"],
    "the app has dropped a call that had not ended",
    (session) => {
      session.run("a");
      session.goodbye();
    },
  ),
  row(
    "open",
    "session not found",
    "sweeping",
    ["close", "report idle", "deliver", "complete", "settle"],
    "the app restarted, or dropped the session",
    (session) => {
      session.run("a");
      session.notFound();
    },
  ),
  row(
    "open",
    "ended or broke",
    "sweeping",
    ["close", "report lost", "settle", "fail"],
    "a lost stream cannot be resumed",
    (session) => {
      session.run("a");
      session.end(broken);
    },
  ),
  row(
    "connecting",
    "ended, no call accepted",
    "idle",
    ["close", "report idle", "arm silence"],
    "a join under way may be swept with the session, and has to prove that it runs",
    (session) => {
      session.linger().goodbye();
      session.submit();
      session.end();
    },
  ),
  row("open", "left, other calls are read", "open", ["settle"], "the cancel waits for a sibling", (session) => {
    const call = session.run("a");
    session.run("b");
    session.leave(call);
  }),
  row(
    "open",
    "left, a call that was queued just now, with a running sibling",
    "open",
    ["arm leaving"],
    "the call may be starting, and its removal from the queue would restart a generator",
    (session) => {
      session.run("a", 7);
      const queued = session.accept("b", 7);
      session.wait("b").leave(queued);
    },
  ),
  row(
    "open",
    "start of a call whose removal from the queue is under way",
    "open",
    ["abortCancel", "cancel"],
    "the removal would restart a generator that runs: the call is cancelled as a running one",
    (session) => {
      session.run("a", 7);
      const queued = session.accept("b", 7);
      session.wait("b").pass(301).leave(queued).done("a");
      session.say({ msg: "process_starts", event_id: "b" });
    },
  ),
  row(
    "open",
    "left, last call, cancelled or late",
    "doubted",
    ["cancel", "arm doubt"],
    "the connection may be what failed: a working one brings the end of the call",
    (session) => session.leave(session.run("a"), "late"),
  ),
  row(
    "open",
    "left, last call, its stream was silent",
    "sweeping",
    ["cancel", "close", "report idle", "settle"],
    "a silent stream counts as broken",
    (session) => session.leave(session.run("a"), "idle"),
  ),
  row(
    "lingering",
    "submit",
    "lingering",
    ["arm hold"],
    "a call on a stream that breaks instead of closing would be lost",
    (session) => {
      session.linger().submit();
    },
  ),
  row("lingering", "timer hold", "open", sendCall, "the app keeps the stream open", (session) => {
    session.linger().submit();
    session.pass(101).timer({ name: "hold" });
  }),
  row(
    "lingering",
    "close_stream",
    "idle",
    ["disarm grace", "arm parting", "report idle"],
    "the connection ends by itself: an abort could take the messages of a call that joins now",
    (session) => session.linger().goodbye(),
  ),
  row(
    "lingering",
    "ended",
    "idle",
    ["close", "report idle"],
    "before 4.22 the app closes a stream in this way",
    (session) => session.linger().end(),
  ),
  row("lingering", "broke", "sweeping", ["close", "report idle"], "the app may sweep away what joins now", (session) =>
    session.linger().end(broken),
  ),
  row(
    "lingering",
    "timer grace",
    "sweeping",
    ["close", "report idle"],
    "an app with lost calls never closes the stream",
    (session) => session.linger().pass(1_000).timer({ name: "grace" }),
  ),
  row(
    "doubted",
    "message of any kind",
    "lingering",
    ["disarm doubt", "settle", "arm grace"],
    "the connection works",
    (session) => {
      session.leave(session.run("a"), "late");
      session.done("a");
    },
  ),
  row(
    "doubted",
    "submit, last call was late",
    "doubted",
    [],
    "the call must not depend on a dead connection",
    (session) => {
      session.leave(session.run("a"), "late");
      session.submit();
    },
  ),
  row(
    "doubted",
    "submit, last call was cancelled",
    "doubted",
    sendCall,
    "a cancel does not mean that the connection failed",
    (session) => {
      session.leave(session.run("a"));
      session.submit(1);
    },
  ),
  row(
    "doubted",
    "timer doubt, no call is read",
    "sweeping",
    ["close", "report idle", "settle"],
    "the connection is dead",
    (session) => {
      session.leave(session.run("a"), "late");
      session.pass(400).timer({ name: "doubt" });
    },
  ),
  row(
    "doubted",
    "timer doubt, calls were sent since",
    "doubted",
    ["arm doubt"],
    "they have more time to bring a message",
    (session) => {
      session.leave(session.run("a"));
      session.accept("b", 1);
      session.pass(400).timer({ name: "doubt" });
    },
  ),
  row(
    "doubted",
    "timer doubt, again",
    "sweeping",
    ["close", "report lost", "settle", "settle", "fail"],
    "the connection is dead, and the calls on it are lost",
    (session) => {
      session.leave(session.run("a"));
      session.accept("b", 1);
      session.pass(400).timer({ name: "doubt" });
      session.pass(2_000).timer({ name: "doubt" });
    },
  ),
  row("sweeping", "submit", "sweeping", ["arm hold"], "the app may sweep away what joins now", (session) => {
    session.run("a");
    session.end(broken).submit();
  }),
  row("sweeping", "timer hold", "idle", sendCall, "the app has swept the session", (session) => {
    session.run("a");
    session.end(broken).submit();
    session.pass(301).timer({ name: "hold" });
  }),
  row(
    "sweeping",
    "joined",
    "connecting",
    ["accept", "open", "report connecting"],
    "the join was under way when the stream was left",
    (session) => {
      session.linger().goodbye();
      const call = session.submit();
      session.end(broken).join(call, "b");
    },
  ),
  row("open", "close", "open", ["cancel"], "the client closes: no sibling is spared", (session) => {
    session.run("a");
    session.run("b", 1);
    session.leave([...session.state.calls][0]!);
    session.take({ kind: "close" });
  }),
  row(
    "open",
    "closed",
    "closed",
    ["close", "report idle", "settle", "endHeartbeat", "end"],
    "the cancels were answered, or had their time",
    (session) => {
      session.run("a");
      session.take({ kind: "close" });
      session.take({ kind: "closed" });
    },
  ),
  row("closed", "submit", "closed", ["fail"], "the client is closed", (session) => {
    session.take({ kind: "closed" });
    session.submit();
  }),
];

/** The table as ARCHITECTURE.md prints it. */
export function printed(): string[] {
  return rows.map(({ stream, input, next, effects, because }) => {
    const done = effects.length === 0 ? "–" : effects.join(", ");
    return [stream, input, next, done, because].join(" | ");
  });
}
