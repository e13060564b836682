import type { Client } from "@gradio-rx/client";
import type { DemoApi } from "../api.ts";
import type { Screen } from "../screen.ts";

/** Maximum number of milliseconds for one call of a scene, so that the demo does not hang. */
export const TIME_LIMIT = 30_000;

/** Services that scenes need from the terminal or the page. */
export interface Services {
  client: Client<DemoApi>;
  screen: Screen;
  /** Loads the picture that a scene sends. */
  loadPicture: () => Promise<File>;
  /** Stops the scene. The calls of `client` have to end with it. */
  signal: AbortSignal;
}

/** Services for a scene. */
export interface Stage extends Services {
  /** Waits some milliseconds; rejects when the demo is stopped. */
  wait: (milliseconds: number) => Promise<void>;
  /** Shows whether an expectation holds. If it does not, the demo fails. */
  check: (ok: boolean, good: string, bad: string) => void;
}

/** One feature of the SDK. It runs in Node and in a page. */
export interface Scene {
  title: string;
  /** Source lines that the scene shows. */
  code: readonly string[];
  /** Number of lines that a page reserves for the output: in wide and in narrow windows. */
  room: { wide: number; narrow: number };
  play: (stage: Stage) => Promise<void>;
}

/** Runs a scene; resolves with the number of failed expectations. */
export async function play(scene: Scene, services: Services): Promise<number> {
  let failures = 0;
  await scene.play({
    ...services,
    wait: (milliseconds) => sleep(milliseconds, services.signal),
    check: (ok, good, bad) => {
      services.screen.check(ok, ok ? good : bad);
      if (!ok) failures += 1;
    },
  });
  return failures;
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
