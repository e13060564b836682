import { AppFailure, serveApp, type ServedApp } from "@gradio-rx/testing";

/** The app that programs and pages of users connect to. */
export interface StoryApp extends ServedApp {
  /** Lets the story continue by one step. */
  turnPage(): void;
}

/** Outputs of the story: the text grows with each. */
export const story: readonly string[] = ["Once", "Once upon", "Once upon a time there was Ada"];

/** Serves the app on 127.0.0.1. */
export async function startApp(): Promise<StoryApp> {
  const pages = new Permits();
  const app = await serveApp({
    "/greet": (name: string) => `Hello ${name}!`,
    "/count": async function* (n = 3) {
      for (let step = 1; step <= n; step += 1) yield step;
    },
    "/story": async function* (hero: string) {
      yield "Once";
      await pages.take();
      yield "Once upon";
      await pages.take();
      yield `Once upon a time there was ${hero}`;
      await pages.take();
    },
    "/fail": () => {
      throw new AppFailure("no luck", { title: "Sorry" });
    },
  });
  return Object.assign(app, { turnPage: () => pages.give() });
}

/** A gate: one side waits until the other opens it, which may happen first. */
class Permits {
  #free = 0;
  readonly #waiting: (() => void)[] = [];

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  take(): Promise<void> {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free -= 1;
    return Promise.resolve();
  }
}
