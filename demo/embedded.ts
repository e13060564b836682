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
import type { ServerRecord } from "./api.ts";
import { chat } from "./chat.ts";
import { colour, grey } from "./picture.ts";

const STORY =
  "A client asked an app for a story. The app thought for a while, and then it told it word by word, as apps like to do.";
const FRUIT = (
  "apple apricot banana bilberry blackberry blackcurrant blueberry cherry cloudberry cranberry currant elderberry fig " +
  "gooseberry grape grapefruit huckleberry kiwi lemon lime mango melon mulberry orange papaya peach pear pineapple plum " +
  "raspberry redcurrant strawberry"
).split(" ");

/** Serves the equivalent of app.py with @gradio-rx/testing: the same endpoints without Python. */
export function serveEmbedded(): Promise<ServedApp> {
  const record: ServerRecord = {
    counting: { reached: 0, stopped: false },
    searches: { started: 0, cancelled: 0, finished: 0 },
    chats: { started: 0, cancelled: 0, failed: 0, finished: 0 },
    pictures: { started: 0, cancelled: 0, finished: 0 },
  };
  return serveApp({ ...plainEndpoints(), ...watchedEndpoints(record) }, { title: "The gradio-rx demo" });
}

function plainEndpoints(): Record<string, EndpointValue> {
  return {
    greet: endpoint({
      inputs: [textbox("name", { value: "you" })],
      outputs: [textbox("greeting")],
      description: "A greeting.",
      fn: (name: string) => `Hello, ${name}! Greetings from the embedded app server.`,
    }),
    write: endpoint({
      outputs: [textbox("story")],
      description: "A story that grows word by word.",
      fn: write,
    }),
    train: endpoint({
      inputs: [number("epochs", { value: 3 })],
      outputs: [textbox("outcome")],
      description: "Training, or what looks like it: a bar for the epochs, and one inside it for the steps.",
      fn: train,
    }),
    brew: endpoint({
      inputs: [textbox("drink")],
      outputs: [textbox("order")],
      concurrencyLimit: 1,
      description: "One drink at a time: other calls wait in the queue.",
      fn: async (drink: string) => {
        await sleep(900);
        return `Here is your ${drink}.`;
      },
    }),
    divide: endpoint({
      inputs: [number("number"), number("by")],
      outputs: [number("quotient")],
      description: "A division; it refuses to divide by zero.",
      parameters: ["number", "by"],
      fn: divide,
    }),
    note: note(),
    measure: endpoint({
      inputs: [file("path")],
      outputs: [json("counts")],
      concurrencyLimit: 4,
      description: "Counts the lines and words of a text file.",
      fn: async (given: File) => countText(await given.text()),
    }),
  };
}

/** Makes an endpoint with a state: each session has a list of its own. */
function note(): EndpointValue {
  const notes = state([]);
  return endpoint({
    inputs: [textbox("text"), notes],
    outputs: [json("notes"), notes],
    description: "Adds a text to the notes of the session, and returns all of them.",
    parameters: ["text", "notes"],
    fn: (text: string, before: readonly string[]) => {
      const all = [...before, text];
      return [all, all];
    },
  });
}

async function* write(): AsyncGenerator<string> {
  const words = STORY.split(" ");
  for (let end = 1; end <= words.length; end += 1) {
    await sleep(90);
    yield words.slice(0, end).join(" ");
  }
}

async function train(epochs: number, { progress, info }: CallContext): Promise<string> {
  for (const epoch of progress.each(upTo(epochs), { desc: "training", unit: "epochs" })) {
    for (const _ of progress.each(upTo(25), { desc: `epoch ${epoch}`, unit: "steps" })) await sleep(40);
    info(`After epoch ${epoch} the loss is ${(0.8 / epoch).toFixed(2)}.`);
  }
  return "The model is trained.";
}

function divide(dividend: number, by: number): number {
  if (by === 0) throw new AppFailure("Cannot divide by zero.", { title: "Bad arithmetic", duration: 5 });
  return dividend / by;
}

function countText(text: string): { lines: number; words: number } {
  return { lines: text.trimEnd().split("\n").length, words: text.split(/\s+/).filter(Boolean).length };
}

/** Endpoints that run until they are cancelled, and their counts. */
function watchedEndpoints({ counting, searches, chats, pictures }: ServerRecord): Record<string, EndpointValue> {
  return {
    count: endpoint({
      outputs: [number("number")],
      description: "Counts until it is cancelled.",
      fn: async function* ({ signal }: CallContext) {
        Object.assign(counting, { reached: 0, stopped: false });
        try {
          for (;;) {
            counting.reached += 1;
            yield counting.reached;
            await sleep(150, undefined, { signal });
          }
        } finally {
          counting.stopped = true;
        }
      },
    }),
    search: endpoint({
      inputs: [textbox("query")],
      outputs: [json("fruit")],
      description: "A slow search, which tells what it has found so far.",
      fn: async function* (query: string, { signal }: CallContext) {
        searches.started += 1;
        let end: "cancelled" | "finished" = "cancelled";
        try {
          let found: string[] = [];
          yield found;
          for (const fruit of FRUIT) {
            await sleep(25, undefined, { signal });
            if (fruit.includes(query)) yield (found = [...found, fruit]);
          }
          end = "finished";
        } finally {
          searches[end] += 1;
        }
      },
    }),
    chat: chat(chats),
    grey: grey(pictures),
    colour: colour(),
    record: endpoint({
      outputs: [json("record")],
      concurrencyLimit: null,
      description: "Counts of the server for the endpoints that are cancelled.",
      fn: () => structuredClone({ counting, searches, chats, pictures }),
    }),
  };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}
