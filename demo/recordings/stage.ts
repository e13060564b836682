import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Registry, serveRegistry } from "../../test/consumers/registry.ts";
import { freePort } from "../../test/servers/free-port.ts";
import { record, type Recorded } from "./terminal.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Address of the app in the recordings. */
const SHOWN_URL = "http://127.0.0.1:7860";
/** Home of the user in the recordings. */
const SHOWN_HOME = "/home/ada";

/** Programs that the commands of recordings can name, with the files that implement them. */
const programs: Readonly<Record<string, string>> = {
  "gradio-rx": path("../../packages/cli/src/bin.ts"),
  "mcp-client": path("mcp-client.ts"),
  keys: path("keys.ts"),
};

/** Folder and apps that recorded commands run with. Their addresses and paths are replaced in the output. */
export class Stage {
  readonly #root: string;
  readonly #app: App;
  readonly #registry: Registry | undefined;
  #cwd: string;
  #code = 0;

  private constructor(root: string, app: App, registry: Registry | undefined) {
    this.#root = root;
    this.#app = app;
    this.#registry = registry;
    this.#cwd = join(root, "home");
  }

  /**
   * Starts the app, and creates a home with the programs on its PATH.
   *
   * @param packed - folder of packed packages, which `npx` gets instead of the published ones.
   */
  static async open(packed?: string): Promise<Stage> {
    const root = await realpath(await mkdtemp(join(tmpdir(), "gradio-rx-recording-")));
    for (const folder of ["bin", "files"]) await mkdir(join(root, folder));
    await cp(path("home"), join(root, "home"), { recursive: true });
    for (const [name, file] of Object.entries(programs)) {
      const script = join(root, "bin", name);
      await writeFile(script, `#!/bin/sh\nexec "${process.execPath}" --conditions=@gradio-rx/source "${file}" "$@"\n`);
      await chmod(script, 0o755);
    }
    const registry = packed === undefined ? undefined : await serveRegistry(packed);
    return new Stage(root, await startApp(join(root, "files")), registry);
  }

  /** Stops the app and removes the folder. */
  async close(): Promise<void> {
    const { child } = this.#app;
    child.stdin!.end();
    if (child.exitCode === null) await once(child, "exit");
    this.#registry?.close();
    await rm(this.#root, { recursive: true, force: true });
  }

  /** Runs a command on a terminal, in the folder and after the exit code of the command before. */
  async run(command: string, appName: AppName, prompt = ""): Promise<Recorded> {
    const state = join(this.#root, "cwd");
    const url = `http://127.0.0.1:${this.#app.ports[appName]}`;
    const script = `trap 'pwd > "${state}"' EXIT; (exit ${this.#code}); ${command.replaceAll(SHOWN_URL, url)}`;
    const recorded = await record(script, { cwd: this.#cwd, env: this.#environment(), prompt });
    this.#cwd = (await readFile(state, "utf8")).trimEnd();
    this.#code = recorded.code;
    return { ...recorded, text: this.#shown(recorded.text) };
  }

  #environment(): NodeJS.ProcessEnv {
    const bin = [join(this.#root, "bin"), dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"];
    // The way to the network of this machine: `npx` loads packages.
    const network = Object.entries(process.env).filter(([name]) =>
      /^(https?_proxy|.*_ca_certs|ssl_cert_\w+)$/i.test(name),
    );
    return {
      ...Object.fromEntries(network),
      PATH: bin.join(delimiter),
      HOME: join(this.#root, "home"),
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      NO_PROXY: "127.0.0.1",
      npm_config_cache: join(this.#root, "npm"),
      npm_config_update_notifier: "false",
      ...(this.#registry ? { npm_config_registry: this.#registry.url } : {}),
    };
  }

  /** Replaces addresses and paths of this machine, and shortens hashes. */
  #shown(text: string): string {
    return (
      text
        .replaceAll(
          new RegExp(`127\\.0\\.0\\.1:(${Object.values(this.#app.ports).join("|")})\\b`, "g"),
          new URL(SHOWN_URL).host,
        )
        .replaceAll(join(this.#root, "home"), SHOWN_HOME)
        .replaceAll(join(this.#root, "files"), "/tmp/gradio")
        // Gradio names the folder of an upload by a hash with a seed of its own installation.
        .replaceAll(/\/tmp\/gradio\/[0-9a-f]{40,}/g, "/tmp/gradio/6d54586e7910…")
        .replaceAll(/\b([0-9a-f]{12})[0-9a-f]{28,}\b/g, "$1…")
        .replaceAll(/ +$/gm, "")
    );
  }
}

/** Names of the apps: the one before and the one after a change. */
export type AppName = "before" | "after";

interface App {
  child: ChildProcess;
  ports: Readonly<Record<AppName, number>>;
}

/** Starts real Gradio, which saves files in a folder. */
async function startApp(files: string): Promise<App> {
  const python = process.env["GRADIO_PYTHON"];
  if (python === undefined) throw new Error("GRADIO_PYTHON is not set. Start this program with npm run recordings.");
  const ports = { before: await freePort(), after: await freePort() };
  const child = spawn(python, [path("app.py"), String(ports.before), String(ports.after)], {
    env: { ...process.env, GRADIO_TEMP_DIR: files },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await Promise.race([once(child.stdout, "data"), once(child, "exit")])) as [unknown];
  if (!String(line).startsWith("ready")) throw new Error(`The app of the recordings ended with ${String(line)}.`);
  return { child, ports };
}
