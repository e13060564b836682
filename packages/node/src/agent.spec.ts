import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import http, { Agent, createServer } from "node:http";
import https, { createServer as createSecureServer } from "node:https";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveApp } from "@gradio-rx/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { forwardProxy } from "../../../test/servers/forward-proxy.ts";
import { app, listening } from "../../../test/servers/loopback.ts";
import { read } from "../../../test/servers/requests.ts";
import { Client } from "./client.ts";
import { Sender } from "./transport.ts";

const { signal } = new AbortController();

/** An agent's setting that resolves every host name to loopback. */
const lookup: NonNullable<http.AgentOptions["lookup"]> = (_, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);

/** Replaces a global agent for one test. */
function replaceGlobalAgent(module: { globalAgent: Agent }, agent: Agent): void {
  const { globalAgent } = module;
  module.globalAgent = agent;
  onTestFinished(() => void (module.globalAgent = globalAgent));
}

const elsewhere = (url: string): string => url.replace("127.0.0.1", "app.test");
const get = async (sender: Sender, url: string): Promise<string> => {
  onTestFinished(() => sender.close());
  return (await read(await sender.send({ url, headers: {}, signal }))).text;
};

test("the client sends all its requests, event streams and uploads with the agent that it was given", async () => {
  const served = await serveApp({ "/greet": (name: string) => `Hello ${name}` });
  onTestFinished(() => served.close());
  const agent = new Agent({ lookup });
  onTestFinished(() => agent.destroy());
  await using client = await Client.connect(elsewhere(served.url), { agent });
  expect(await client.predict("/greet", ["you"])).toBe("Hello you");
  expect(await client.upload([new Blob(["x"])])).toHaveLength(1);
});

test("closing the client leaves the given agent's connections to the program", async () => {
  const url = await app((_, response) => response.end("ok"));
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const destroy = vi.spyOn(agent, "destroy");
  const sender = new Sender({ agent });
  expect(await get(sender, url)).toBe("ok");
  sender.close();
  expect(destroy).not.toHaveBeenCalled();
});

test("a standard agent is used for its own protocol only", async () => {
  const url = await app((_, response) => response.end("ok"));
  expect(await get(new Sender({ agent: new https.Agent() }), url)).toBe("ok");
});

test("an agent that is not one is an InputError", async () => {
  for (const agent of [true, {}, "agent"])
    await expect(Client.connect("http://127.0.0.1:9", { agent: agent as never })).rejects.toMatchObject({
      code: "input",
      parameter: "agent",
    });
});

test("the settings of a program's global agent are used, and a connection is kept all the same", async () => {
  let connections = 0;
  const server = createServer((_, response) => response.end("ok"));
  server.on("connection", () => connections++);
  const url = await listening(server);
  replaceGlobalAgent(http, new Agent({ lookup, keepAlive: false }));
  const sender = new Sender();
  for (let round = 0; round < 3; round++) expect(await get(sender, elsewhere(url))).toBe("ok");
  expect(connections).toBe(1);
});

test("a global agent with a behaviour of its own is used as it is", async () => {
  const url = await app((_, response) => response.end("ok"));
  class Tunnel extends Agent {
    names: (string | undefined)[] = [];
    override createConnection(
      options: http.ClientRequestArgs,
      done: () => void,
    ): ReturnType<Agent["createConnection"]> {
      this.names.push(options.host ?? undefined);
      return super.createConnection({ ...options, host: "127.0.0.1", lookup }, done);
    }
  }
  const agent = new Tunnel();
  replaceGlobalAgent(http, agent);
  expect(await get(new Sender(), elsewhere(url))).toBe("ok");
  expect(agent.names).toEqual(["app.test"]);
});

test("TCP keep-alive is enabled on every connection, also where the agent does not ask for it", async () => {
  const enabled = vi.spyOn(Socket.prototype, "setKeepAlive");
  onTestFinished(() => enabled.mockRestore());
  const url = await app((_, response) => response.end("ok"));
  for (const agent of [undefined, new Agent({ keepAlive: false })]) {
    enabled.mockClear();
    await get(new Sender({ agent }), url);
    expect(enabled).toHaveBeenCalledWith(true, 60_000);
  }
});

/** The output of a program that requests a URL in an environment. */
async function program(url: string, environment: Record<string, string>): Promise<string> {
  const code = `import { Sender } from ${JSON.stringify(new URL("transport.ts", import.meta.url))};
    const answer = await new Sender().send({ url: ${JSON.stringify(url)}, headers: {}, signal: new AbortController().signal });
    console.log(String((await answer.body.getReader().read()).value));`;
  const env = { ...process.env, HTTP_PROXY: "", HTTPS_PROXY: "", NO_PROXY: "", ...environment };
  const args = ["--input-type=module", "-e", code];
  return (await promisify(execFile)(process.execPath, args, { env, timeout: 30_000 })).stdout.trim();
}

test("HTTP_PROXY and NO_PROXY are honoured where Node itself honours them", async () => {
  const proxy = await forwardProxy();
  const url = await app((_, response) => response.end("ok"));
  const environment = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy.url };
  expect(await program(elsewhere(url), environment)).toBe("ok");
  expect(proxy.requests).toEqual([`GET ${elsewhere(url)}`]);
  expect(await program(url, { ...environment, NO_PROXY: "127.0.0.1" })).toBe("ok");
  expect(await program(url, { HTTP_PROXY: proxy.url, NODE_USE_ENV_PROXY: "" })).toBe("ok");
  expect(proxy.requests).toHaveLength(1);
}, 60_000);

test("HTTPS_PROXY is honoured by a tunnel, in which the app's certificate is verified", async () => {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const subject = ["-subj", "/CN=app.test", "-addext", "subjectAltName=DNS:app.test"];
  const files = ["-keyout", key, "-out", cert, "-days", "2"];
  await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject]);
  const server = createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
    response.end("secret"),
  );
  const url = elsewhere((await listening(server)).replace("http:", "https:"));
  const proxy = await forwardProxy();
  const environment = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxy.url };
  expect(await program(url, { ...environment, NODE_EXTRA_CA_CERTS: cert })).toBe("secret");
  expect(proxy.requests).toEqual([`CONNECT ${new URL(url).host}`]);
  await expect(program(url, environment)).rejects.toThrow("self-signed");
}, 60_000);
