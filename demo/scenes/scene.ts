import type { Client } from "@gradio-rx/node";
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoApi } from "../api.ts";
import { paint, paragraph, print } from "../screen.ts";

/** What a scene has to play with. */
export interface Stage {
  client: Client<DemoApi>;
  /** Waits; not on when the demo is being stopped. */
  wait: (milliseconds: number) => Promise<void>;
  /** Says whether something went as it should; what did not makes the demo fail. */
  check: (ok: boolean, good: string, bad: string) => void;
}

/** One thing that the SDK does, shown. */
export interface Scene {
  title: string;
  /** The lines that do it. */
  code: readonly string[];
  play: (stage: Stage) => Promise<void>;
}

/** Plays scenes one after the other; resolves with how many things did not go as they should. */
export async function playAll(scenes: readonly Scene[], client: Client<DemoApi>, signal: AbortSignal): Promise<number> {
  let failures = 0;
  const stage: Stage = {
    client,
    wait: (milliseconds) => sleep(milliseconds, undefined, { signal }),
    check: (ok, good, bad) => {
      const [first = "", ...more] = paragraph(`     ${ok ? good : bad}`).map((line) => line.trimStart());
      print(`   ${ok ? paint("green", "✓") : paint("red", "✗")} ${first}`, ...more.map((line) => `     ${line}`));
      if (!ok) failures += 1;
    },
  };
  for (const [index, { title, code, play }] of scenes.entries()) {
    print("", ...paragraph(`${index + 1}  ${title}`, "bold"), ...code.map((line) => paint("cyan", `   ${line}`)), "");
    await play(stage);
  }
  return failures;
}
