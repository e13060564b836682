import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";

/** nginx in front of an app, with nothing but `proxy_pass`: it buffers responses. */
export interface Nginx {
  url: string;
  close: () => Promise<void>;
}

/** Starts nginx on loopback. Resolves when it answers. */
export async function startNginx(app: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "nginx-"));
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path ${folder};`);
  const config = `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
    events { worker_connections 100; }
    http {
      access_log off; ${temporary.join(" ")}
      server { listen 127.0.0.1:${port}; location / { proxy_pass ${app}; } }
    }`;
  const file = join(folder, "nginx.conf");
  await writeFile(file, config);
  const nginx = spawn("nginx", ["-e", `${folder}/error.log`, "-p", folder, "-c", file], { stdio: "ignore" });
  const exit = once(nginx, "exit");
  const url = `http://127.0.0.1:${port}`;
  while (nginx.exitCode === null && !(await answers(url))) await new Promise((resolve) => setTimeout(resolve, 20));
  const close = async (): Promise<void> => {
    nginx.kill("SIGTERM");
    await exit;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, close };
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(`${url}/config`)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
