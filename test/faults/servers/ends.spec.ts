import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Break } from "@gradio-rx/testing";
import { expect, onTestFinished, test } from "vitest";
import { CONFIG, JOIN, STREAM } from "../row.ts";
import { open } from "../world.ts";

const program = fileURLToPath(new URL("../programs/fault.ts", import.meta.url));

const faults: [name: string, on: typeof CONFIG, breaks: Break][] = [
  ["a join that is never answered", JOIN, { at: "answer", how: "stall" }],
  ["a stream that was reset", STREAM, { at: { event: "process_generating" }, how: "reset" }],
  ["a stream that is silent", STREAM, { at: { event: "process_generating" }, how: "stall" }],
  ["a stream that is never answered", STREAM, { at: "answer", how: "stall" }],
];

test.each(faults)(
  "a program that closes its client during %s exits by itself",
  async (_, on, breaks) => {
    const world = await open();
    onTestFinished(world.leave);
    await world.proxy.add([{ ...on, fault: { breaks } }]);
    const child = spawn(process.execPath, ["--conditions=@gradio-rx/source", program, world.proxy.url], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const [code] = (await once(child, "exit")) as [number | null];
    clearTimeout(timer);
    expect(said).toMatch(/^closed after \d+ ms\n$/);
    expect(code).toBe(0);
  },
  40_000,
);
