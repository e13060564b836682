import { serveApp, type ServedApp } from "@gradio-rx/testing";
import { setTimeout as pause } from "node:timers/promises";

/** An app whose functions end in every way that there is. */
export async function leakyApp(): Promise<ServedApp> {
  let cut = (): void => undefined;
  const functions = {
    "/echo": (value: unknown) => value,
    async *"/words"() {
      for (let words = 1; words <= 3; words++) yield { words: Array.from({ length: words }, () => "word") };
    },
    async *"/endless"() {
      for (let count = 0; ; count++) {
        yield `${count}`;
        await pause(2);
      }
    },
    "/fail": () => {
      throw new Error("as it must");
    },
    /** Breaks every event stream of the app off, that of its own call too: again, as that one may come late. */
    async *"/cut"() {
      for (;;) {
        yield "soon";
        cut();
        await pause(20);
      }
    },
  };
  const app = await serveApp(functions, { defaultConcurrencyLimit: null });
  cut = () => void app.dropStreams();
  return app;
}
