import { expect, test } from "vitest";
import { PlayedSession } from "../../../../test/house/session-table.ts";
import { parseMessage } from "../wire/messages.ts";
import { isIdle, lastActivityOf, receiverOf } from "./session-state.ts";

const output = (eventId: string) =>
  parseMessage(
    { msg: "process_generating", event_id: eventId, output: { data: [1] }, success: true },
    { diffs: true, unquote: null },
  );

test("a cancel that waits for a queued sibling arms one timer, however many messages come meanwhile", () => {
  const session = new PlayedSession();
  const doomed = session.run("a", 7);
  session.accept("b", 7);
  session.wait("b").leave(doomed);
  const armed = [...session.effects];
  for (let count = 0; count < 20; count++) {
    session.say({ msg: "progress", event_id: "a", progress_data: [] });
    armed.push(...session.effects);
  }
  expect(armed.filter((effect) => effect === "arm sibling")).toHaveLength(1);
  session.pass(301).timer({ name: "sibling", fnIndex: 7 });
  expect(session.effects).toEqual(["cancel"]);
});

test("the end of a call may start a queued sibling, so a cancel that would stop the sibling waits", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  session.accept("b", 7);
  const doomed = session.run("c", 7);
  session.wait("b").pass(400).done("a").leave(doomed);
  expect(session.effects).toContain("arm sibling");
  expect(session.effects).not.toContain("cancel");
  session.say({ msg: "process_starts", event_id: "b" }).pass(301).timer({ name: "sibling", fnIndex: 7 });
  expect(session.effects).not.toContain("cancel");
  session.done("b");
  expect(session.effects).toContain("cancel");
});

test("a call that has just been queued may be starting, so it leaves the queue a moment later, with one request", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  const doomed = session.accept("b", 7);
  session.wait("b").leave(doomed);
  expect(session.effects).toContain("arm leaving");
  expect(session.effects).not.toContain("cancel");
  session.pass(301).timer({ name: "leaving", call: doomed });
  expect(session.effects).toEqual(["cancel in queue"]);
  session.wait("b");
  expect(session.effects).not.toContain("cancel in queue");
});

test("a call that goes on waiting behind others leaves the queue at once, although it was just told its place", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  session.run("c", 7);
  const doomed = session.accept("b", 7);
  const place = { msg: "estimation", event_id: "b", rank: 1 };
  session.say(place).pass(400).done("c").say(place).leave(doomed);
  expect(session.effects).toContain("cancel in queue");
});

test("a call that has just been queued behind others may be starting with them, if its function has no limit", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  const doomed = session.accept("b", 7);
  session.say({ msg: "estimation", event_id: "b", rank: 1 }).leave(doomed);
  expect(session.effects).toContain("arm leaving");
  expect(session.effects).not.toContain("cancel in queue");
});

test("a call without a message does not leave the queue as long as its stream is being opened: it may be running", () => {
  const session = new PlayedSession();
  session.accept("a", 7);
  const doomed = session.accept("b", 7);
  session.leave(doomed).pass(400).timer({ name: "firstMessage", call: doomed });
  expect(session.effects).toEqual(["arm leaving"]);
  session.open().say({ msg: "process_starts", event_id: "b" }).pass(400).timer({ name: "leaving", call: doomed });
  expect(session.effects).not.toContain("cancel in queue");
});

test("the removal of a call that has started is aborted once, whatever the call sends afterwards", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  const doomed = session.accept("b", 7);
  session.wait("b").pass(400).leave(doomed).say({ msg: "process_starts", event_id: "b" });
  expect(session.effects).toContain("abortCancel");
  session.done("a");
  expect(session.effects).toContain("cancel");
  session.say({ msg: "progress", event_id: "b", progress_data: [] });
  expect(session.effects).not.toContain("abortCancel");
});

test("a call that starts before it has left the queue is cancelled with its true index, when no sibling runs", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  const doomed = session.accept("b", 7);
  session.wait("b").leave(doomed);
  session.say({ msg: "process_starts", event_id: "b" }).pass(301).timer({ name: "leaving", call: doomed });
  expect(session.effects).not.toContain("cancel");
  session.done("a");
  expect(session.raw.filter((effect) => effect.do === "cancel")).toMatchObject([{ fnIndex: 7 }]);
});

test("an app that takes long to accept calls takes long to start them", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  const doomed = session.accept("b", 7, 900);
  session.wait("b").pass(2_000).leave(doomed);
  expect(session.effects).toContain("arm leaving");
  session.pass(701).timer({ name: "leaving", call: doomed });
  expect(session.effects).toEqual(["cancel in queue"]);
});

test("the cancel of a lost call waits for the end of every sibling, also of those in the queue", () => {
  const session = new PlayedSession();
  session.run("a", 7);
  session.end(new Error("reset"));
  session.pass(400).accept("b", 7);
  session.open().wait("b").pass(400).say({ msg: "progress", event_id: "b", progress_data: [] });
  session.accept("c", 7);
  session.wait("c").pass(400).done("b");
  expect(session.effects).not.toContain("cancel");
  session.say({ msg: "process_starts", event_id: "c" }).done("c");
  expect(session.effects).toContain("cancel");
});

test("while the cancels of many lost calls wait for a sibling, its messages are delivered and cause nothing else", () => {
  const session = new PlayedSession();
  for (let count = 0; count < 100; count++) session.run(`lost ${count}`, 7);
  session.end(new Error("reset"));
  session.pass(400).run("a", 7);
  session.say({ msg: "progress", event_id: "a", progress_data: [] });
  expect(session.effects).toEqual(["deliver"]);
  const waiting = session.accept("b", 7);
  session.say({ msg: "estimation", event_id: "b", rank: 2 }).say({ msg: "estimation", event_id: "b", rank: 1 });
  expect(session.raw).toMatchObject([{ do: "deliver", call: waiting }]);
});

test("calls that are held are sent in their order, as soon as nothing holds them", () => {
  const session = new PlayedSession();
  session.run("a");
  session.end(new Error("reset"));
  const held = [session.submit(1), session.submit(2), session.submit(3)];
  session.leave(held[1]!).pass(301).timer({ name: "hold" });
  const joined = session.raw.flatMap((effect) => (effect.do === "join" ? [effect.call] : []));
  expect(joined).toEqual([held[0], held[2]]);
});

test("when no held call is left, the timer that would send it is disarmed", () => {
  const session = new PlayedSession();
  session.run("a");
  session.end(new Error("reset"));
  session.leave(session.submit());
  expect(session.effects).toEqual(["disarm hold"]);
});

test("an output of a running call on an open stream needs no transition; any other message does", () => {
  const session = new PlayedSession();
  const call = session.run("a");
  const { state, link } = session;
  expect(receiverOf(state, link, output("a"), 1)).toBeNull();
  session.take({ kind: "message", link, message: output("a"), text: "" });
  expect(receiverOf(state, link, output("a"), 2)).toBe(call);
  expect(receiverOf(state, link, output("x"), 3)).toBeNull();
  expect(receiverOf(state, { ...link }, output("a"), 4)).toBeNull();
  expect(call.lastMessage).toBe(2);
  const other = session.run("b");
  session.run("c");
  session.leave(other);
  expect(receiverOf(state, link, output("a"), 5)).toBeNull();
});

test("messages of a connection that was replaced change nothing", () => {
  const session = new PlayedSession();
  session.run("a");
  const { link } = session;
  session.end(new Error("reset"));
  session.take({ kind: "message", link, message: output("a"), text: "" });
  expect(session.effects).toEqual([]);
});

test("a call's last sign of life is any byte of its stream, and its own messages where a cancel may have stopped it", () => {
  const session = new PlayedSession();
  const call = session.submit(7);
  expect(lastActivityOf(session.state, call)).toBeNull();
  session.join(call, "a").open();
  session.link.lastByte = 12_000;
  expect(lastActivityOf(session.state, call)).toBe(12_000);
  const doomed = session.run("b", 7);
  session.wait("a");
  session.now = 12_400;
  session.leave(doomed);
  expect(session.effects).toContain("cancel");
  session.link.lastByte = 12_500;
  session.say({ msg: "process_starts", event_id: "a" });
  session.link.lastByte = 20_000;
  expect(lastActivityOf(session.state, call)).toBe(12_500);
});

test("a call that a sibling's cancel may have stopped fails after ten minutes without a message, although the app is alive", () => {
  const session = new PlayedSession();
  const call = session.accept("a", 7);
  session.open();
  const doomed = session.run("b", 7);
  session.wait("a").pass(400).leave(doomed).say({ msg: "process_starts", event_id: "a" });
  expect(session.effects).toContain("arm suspect");
  session.pass(300_000).say({ msg: "progress", event_id: "a", progress_data: [] });
  call.lastMessage = session.now;
  session.pass(300_000).timer({ name: "suspect", call });
  expect(session.effects).toEqual(["arm suspect"]);
  session.pass(300_000).timer({ name: "suspect", call });
  expect(session.effects).toEqual(["fail"]);
});

test("a session that was closed keeps nothing", () => {
  const session = new PlayedSession();
  session.leave(session.run("a"));
  session.submit();
  session.take({ kind: "close" }).take({ kind: "closed" });
  expect(isIdle(session.state)).toBe(true);
  expect(session.state.cancels.size + session.state.byId.size).toBe(0);
});
