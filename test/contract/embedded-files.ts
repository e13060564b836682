import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "@gradio-rx/testing";
import * as gr from "@gradio-rx/testing";
import { numberInput, textInput } from "./embedded-inputs.ts";

/** Endpoints of the embedded app that receive and create files. */
export function fileEndpoints(): Record<string, Endpoint> {
  return {
    file_info: gr.endpoint({
      inputs: [gr.file("file")],
      outputs: [gr.json("info")],
      fn: (file: File | null) => describe(file),
    }),
    files_info: gr.endpoint({
      inputs: [gr.file("files", { file_count: "multiple" })],
      outputs: [gr.json("info")],
      fn: (files: File[] | null) => Promise.all((files ?? []).map((each) => describe(each))),
    }),
    file_echo: gr.endpoint({ inputs: [gr.file("file")], outputs: [gr.file("output")], fn: (file: File) => file }),
    file_make: gr.endpoint({
      inputs: [textInput("name", "made.txt"), numberInput("size", 10)],
      outputs: [gr.file("output")],
      description: "A file of the given name and size, made by the server.",
      fn: (name: string, size: number) => make(name, size),
    }),
    files_make: gr.endpoint({
      inputs: [numberInput("count", 2)],
      outputs: [gr.file("output", { file_count: "multiple" })],
      fn: (count: number) => Array.from({ length: count }, (_, at) => make(`file ${String(at)}.txt`, at + 1)),
    }),
  };
}

async function describe(file: File | null): Promise<Record<string, unknown>> {
  if (file === null) return { name: null, size: null, head: null };
  const bytes = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  const head = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { name: file.name, size: file.size, head };
}

function make(name: string, size: number): File {
  return new File(["x".repeat(size)], name.slice(name.lastIndexOf("/") + 1) || "file.txt");
}

/** Returns media of the right type and size; the image is not flipped. */
export function mediaEndpoints(): Record<string, Endpoint> {
  const chat = gr.chatbot("chat");
  return {
    image_flip: gr.endpoint({
      inputs: [gr.image("image")],
      outputs: [gr.image("output")],
      description: "The image upside down, as PNG; a 4 by 3 one without input.",
      fn: (image: File | null) => image ?? picture("picture.png"),
    }),
    image_array: gr.endpoint({ outputs: [gr.image("output")], fn: () => picture("image.webp") }),
    audio_tone: gr.endpoint({
      inputs: [gr.audio("audio"), numberInput("seconds", 0.1)],
      outputs: [gr.audio("output")],
      description: "The sound it was given, or silence of the given length.",
      fn: (audio: File | null, seconds: number) => audio ?? silence(seconds),
    }),
    audio_stream: gr.endpoint({
      inputs: [numberInput("count", 3), numberInput("delay", 0.3)],
      outputs: [gr.audio("output", { streaming: true })],
      description: "A tone that is made piece by piece, each of a quarter of a second, while it is already played.",
      concurrencyLimit: null,
      fn: async function* (count: number, delay: number) {
        for (let at = 0; at < count; at += 1) {
          yield new Blob([Uint8Array.of(0xff, 0xf1, at)], { type: "audio/aac" });
          await sleep(delay * 1_000);
        }
      },
    }),
    gallery: gr.endpoint({
      inputs: [numberInput("count", 2)],
      outputs: [gr.gallery("output")],
      fn: (count: number) =>
        Array.from({ length: count }, (_, at) => [picture("picture.png"), `picture ${String(at)}`]),
    }),
    table: gr.endpoint({
      inputs: [gr.dataframe("rows", { headers: ["name", "value"] })],
      outputs: [gr.dataframe("output", { headers: ["name", "value"] })],
      fn: (rows: unknown[][]) => [...rows, ["added", 1]],
    }),
    chat: gr.endpoint({
      inputs: [textInput("message"), chat],
      outputs: [chat],
      parameters: ["message", "history"],
      description: "Streams an answer of three words into the history.",
      fn: async function* (message: string, history: unknown[]) {
        for (let end = 1; end <= 3; end += 1) {
          await sleep(20);
          const answer = ["you", "said", message].slice(0, end).join(" ");
          yield [...history, { role: "user", content: message }, { role: "assistant", content: answer }];
        }
      },
    }),
  };
}

const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function picture(name: string): File {
  return new File([Uint8Array.from(atob(PICTURE), (char) => char.charCodeAt(0))], name, { type: "image/png" });
}

/** Creates a WAV file: 8 kHz, 16 bit, mono. */
function silence(seconds: number): File {
  const size = Math.trunc(8000 * seconds) * 2;
  const head = new DataView(new ArrayBuffer(44));
  const tag = (at: number, name: string): void => {
    for (let place = 0; place < name.length; place += 1) head.setUint8(at + place, name.charCodeAt(place));
  };
  tag(0, "RIFF");
  head.setUint32(4, 36 + size, true);
  tag(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, 8000, true);
  head.setUint32(28, 16_000, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  tag(36, "data");
  head.setUint32(40, size, true);
  return new File([head, new Uint8Array(size)], "tone.wav", { type: "audio/wav" });
}
