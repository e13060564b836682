import * as fc from "fast-check";
import { type Happening, SessionModel } from "../job/session-model.ts";
import { type AnyTarget, target } from "../target.ts";

const which = fc.nat(5);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("submit" as const), fnIndex: fc.nat(1) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("reply" as const), which, ok: fc.nat(4).map((n) => n > 0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("opened" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(...(["openFailed", "heartbeat", "goodbye", "lost", "parted"] as const)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("ended" as const), broken: fc.boolean() }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("say" as const),
      what: fc.constantFrom(
        ...(["estimation", "process_starts", "progress", "process_completed", "cancelled"] as const),
      ),
      which,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("leave" as const),
      which,
      why: fc.constantFrom(...(["cancelled", "idle", "late", "closed"] as const)),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("answer" as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("pass" as const), milliseconds: fc.constantFrom(1, 150, 450, 2_500) }),
  },
);

/** For any order of calls, messages and times, a session's state fits its connections, and every call ends. */
export const sessions: AnyTarget = target({
  name: "session",
  few: 1_000,
  inputs: fc.array(happening, { maxLength: 60 }),
  check: (happenings) => {
    const model = new SessionModel();
    for (const one of happenings) model.take(one);
    model.finish();
  },
});
