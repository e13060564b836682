import { expect, test } from "vitest";
import { batchLine, type BatchView, changeOf } from "./batch-line.ts";

const NOW = 1_000_000;
const open = {
  app: "http://127.0.0.1:7860/",
  state: "open",
  until: null,
  reason: null,
  running: 3,
  waiting: 1,
} as const;
const reason = "\u001b[31mThe queue is full.";
const resting = {
  ...open,
  app: "http://gpu-2:7860/app/",
  state: "resting",
  until: new Date(NOW + 7_200),
  reason,
} as const;
const out = { ...open, app: "me/captions", state: "out", reason: "No login." } as const;

const view = (
  apps: readonly (typeof open | typeof resting | typeof out)[],
  more: Partial<BatchView> = {},
): BatchView => ({
  ended: 50,
  failed: 2,
  total: 200,
  progress: { stage: "running", queued: 30, running: 4, apps: [...apps] },
  ...more,
});

test("a wide line has a bar, the numbers, and each copy with its state", () => {
  expect(batchLine(view([open, resting, out]), 200, NOW)).toBe(
    "[#####---------------] 50 of 200 ended, 2 failed | 127.0.0.1:7860: open, 3 running, 1 waiting | " +
      "gpu-2:7860/app: resting 8 s | me/captions: out",
  );
});

test("a narrower line leaves out the bar, then shortens the copies, then counts them", () => {
  const shown = (columns: number): string => batchLine(view([open, resting]), columns, NOW);
  expect(shown(100)).toBe(
    "50 of 200 ended, 2 failed | 127.0.0.1:7860: open, 3 running, 1 waiting | gpu-2:7860/app: resting 8 s",
  );
  expect(shown(80)).toBe("50 of 200 ended, 2 failed | 127.0.0.1:7860 open 4 | gpu-2:7860/app resting 8 s");
  expect(shown(72)).toBe("50 of 200 ended, 2 failed | 2 copies: 1 open, 1 resting, 6 running");
  expect(shown(20)).toBe("50 of 200 ended, 2 f");
  expect(batchLine(view([], { failed: 0 }), 20, NOW)).toBe("50 of 200 ended");
});

test("a process that does not feed has no total, and a pause is shown", () => {
  const progress = { stage: "paused", queued: 30, running: 4, apps: [open] } as const;
  expect(batchLine(view([], { total: null, progress: { ...progress, apps: [open] } }), 200, NOW)).toBe(
    "50 ended, 2 failed, 30 waiting, 4 running, paused | 127.0.0.1:7860: open, 3 running, 1 waiting",
  );
});

test("a change of a copy is a line with its reason", () => {
  expect(changeOf(resting)).toMatch(/^gpu-2:7860\/app rests until \d\d:\d\d:\d\d: .*The queue is full\.$/);
  expect(changeOf(out)).toBe("me/captions is out: No login.");
  expect(changeOf(open)).toBe("127.0.0.1:7860 is open again");
});
