import { expect, test } from "vitest";
import { ConnectionStates } from "./protocol.ts";

/** Everything that a subscriber receives. */
const watch = ({ state$ }: ConnectionStates): string[] => {
  const seen: string[] = [];
  state$.subscribe({ next: (state) => seen.push(state), complete: () => seen.push("complete") });
  return seen;
};

test("a subscriber receives the present state, and each change once", () => {
  const states = new ConnectionStates();
  const early = watch(states);
  for (const state of ["connecting", "open", "open", "idle"] as const) states.set(state);
  expect(early).toEqual(["idle", "connecting", "open", "idle"]);
  expect(watch(states)).toEqual(["idle"]);
});

test("a closed client's subscribers, late ones too, receive `closed` and completion, and nothing after", () => {
  const states = new ConnectionStates();
  const early = watch(states);
  states.close();
  states.set("open");
  expect(early).toEqual(["idle", "closed", "complete"]);
  expect(watch(states)).toEqual(["closed", "complete"]);
});
