import { setTimeout as sleep } from "node:timers/promises";
import {
  AppFailure,
  type CallContext,
  endpoint,
  type EndpointValue,
  file,
  json,
  number,
  serveApp,
  type ServedApp,
  state,
  textbox,
} from "@gradio-rx/testing";

/** Starts the app that the samples call, on a free port. */
export function startApp(): Promise<ServedApp> {
  return serveApp({ ...texts, ...numbers, ...files }, { title: "Samples" });
}

const history = state([]);

const texts: Record<string, EndpointValue> = {
  "/greet": (name: string) => `Hello ${name}`,
  async *"/write"(topic: string, { info, progress }: CallContext) {
    info(`Writing about ${topic}.`);
    let text = "A story";
    for (const word of progress.each(["about", topic], { desc: "writing", unit: "words" })) {
      text += ` ${word}`;
      yield text;
      await sleep(5);
    }
  },
  "/search": (query: string) => ["apple", "apricot", "blueberry"].filter((fruit) => fruit.includes(query)),
  "/chat": endpoint({
    inputs: [textbox("message"), history],
    outputs: [textbox("answer"), history],
    fn: (message: string, past: string[]) => [`${past.length + 1}: ${message}`, [...past, message]],
  }),
};

const numbers: Record<string, EndpointValue> = {
  "/divide": endpoint({
    inputs: [number("number"), number("by")],
    outputs: [number("quotient")],
    parameters: ["number", "by"],
    fn: (dividend: number, by: number) => {
      if (by === 0) throw new AppFailure("Cannot divide by zero.", { title: "Bad arithmetic" });
      return dividend / by;
    },
  }),
  "/count": endpoint({
    outputs: [number("number")],
    async *fn({ signal }: CallContext) {
      for (let count = 1; !signal.aborted; count += 1) {
        yield count;
        await sleep(20);
      }
    },
  }),
};

const files: Record<string, EndpointValue> = {
  "/measure": endpoint({
    inputs: [file("document")],
    outputs: [json("counts")],
    fn: async (document: File) => ({ words: (await document.text()).split(/\s+/).filter(Boolean).length }),
  }),
  "/copy": endpoint({
    inputs: [file("document")],
    outputs: [file("copy")],
    fn: async (document: File) => new File([await document.arrayBuffer()], `copy-${document.name}`),
  }),
};
