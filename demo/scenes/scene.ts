import type { Client } from "@gradio-rx/node";
import { setTimeout as sleep } from "node:timers/promises";
import type { DemoApi } from "../api.ts";
import { paint, paragraph, print } from "../screen.ts";

/** Services for a scene. */
export interface Stage {
  client: Client<DemoApi>;
  /** Waits some milliseconds; rejects when the demo is stopped. */
  wait: (milliseconds: number) => Promise<void>;
  /** Prints whether an expectation holds. If it does not, the demo fails. */
  check: (ok: boolean, good: string, bad: string) => void;
}

/** One feature of the SDK. */
export interface Scene {
  title: string;
  /** Source lines that the scene shows. */
  code: readonly string[];
  play: (stage: Stage) => Promise<void>;
}

/** Runs scenes one after the other; resolves with the number of failed expectations. */
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
