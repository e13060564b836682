import { setTimeout as sleep } from "node:timers/promises";
import { endpoint, number, serveApp } from "@gradio-rx/testing";

/** Serves the app of the specs on a port until it is killed. Prints the key of each run. */
const { port } = JSON.parse(process.argv[2]!) as { port: number };
const count = endpoint({
  inputs: [number("value")],
  outputs: [number("same")],
  concurrencyLimit: 8,
  fn: async (value: number) => {
    process.stdout.write(`n${value}\n`);
    await sleep(10);
    return value;
  },
});
await serveApp({ "/count": count }, { port });
process.stdout.write("ready\n");
