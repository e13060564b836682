import { endpoint, serveApp, type ServedApp, textbox } from "@gradio-rx/testing";
import { setTimeout as pause } from "node:timers/promises";

/** An app with functions that end in every possible way. */
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
    /** One call at a time, which does not end by itself. */
    "/hold": endpoint({
      inputs: [],
      outputs: [textbox("held")],
      concurrencyLimit: 1,
      async *fn() {
        for (;;) {
          yield "held";
          await pause(500);
        }
      },
    }),
    "/fail": () => {
      throw new Error("as it must");
    },
    /** Aborts every event stream of the app, repeatedly, as the stream of the call itself may be opened later. */
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
