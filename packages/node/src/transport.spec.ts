import { ConnectionError } from "@gradio-rx/core";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createReadStream, stat } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import { type AddressInfo, connect, createServer as createRawServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import * as fc from "fast-check";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { app, listening, raw } from "../../../test/servers/loopback.ts";
import { get, listeners, read, signal } from "../../../test/servers/requests.ts";
import { streamBytes } from "../../core/src/data/streams.ts";
import { toGradioError } from "../../core/src/http/errors.ts";

afterEach(async () => {
  await vi.waitUntil(() => listeners(signal) === 0);
});

test("an abort ends a request without an answer; after the answer it has no effect", async () => {
  const abort = new AbortController();
  const came = Promise.withResolvers<void>();
  const silent = get(await raw(() => came.resolve()), { signal: abort.signal });
  await came.promise;
  abort.abort();
  await expect(silent).rejects.toThrow("The request was aborted.");
  await expect(get("http://127.0.0.1:9/", { signal: abort.signal })).rejects.toBe(abort.signal.reason);

  const late = new AbortController();
  let connections = 0;
  const server = createServer((_, response) => response.end("all"));
  server.on("connection", () => connections++);
  const url = await listening(server);
  for (let round = 0; round < 3; round++) {
    const answer = await get(url, { signal: late.signal });
    expect(await read(answer)).toEqual({ text: "all" });
    await vi.waitUntil(() => listeners(late.signal) === 0);
  }
  late.abort();
  // The connection that all of them used is still good.
  expect(await read(await get(url))).toEqual({ text: "all" });
  expect(connections).toBe(1);
});

test("the answer of a server that has not read the whole body is received, and the rest is not sent", async () => {
  const url = await raw((socket) => {
    socket.pause();
    socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
  });
  const answer = await get(url, { body: "x".repeat(20_000_000) });
  expect([answer.status, await read(answer)]).toEqual([413, { text: "big" }]);
  // It never reads on: the request has ended all the same.
  await vi.waitUntil(() => listeners(signal) === 0);
});

test("a connection that was closed during a long computation is not reused", async () => {
  const shared = new SharedArrayBuffer(4);
  const flag = new Int32Array(shared);
  const worker = new Worker(
    `const { createServer } = require("node:net");
     const { parentPort, workerData } = require("node:worker_threads");
     const open = [];
     const server = createServer((socket) => {
       open.push(socket);
       socket.on("error", () => undefined);
       socket.on("data", () => socket.write("HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok"));
     });
     const closed = () => { Atomics.store(workerData, 0, 0); Atomics.notify(workerData, 0); };
     setInterval(() => { if (Atomics.load(workerData, 0) === 1) open.pop()?.end(closed); }, 1);
     server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
    { eval: true, workerData: flag },
  );
  onTestFinished(async () => void (await worker.terminate()));
  const [port] = (await once(worker, "message")) as [number];
  const url = `http://127.0.0.1:${port}/`;
  for (let round = 0; round < 5; round++) {
    expect(await read(await get(url, { body: "join" }))).toEqual({ text: "ok" });
    // Where the loop has looked at its sockets already, and does so only in its next turn.
    await new Promise((resolve) => stat("/", resolve));
    // The server closes it now; this thread computes, and sees nothing of that.
    Atomics.store(flag, 0, 1);
    Atomics.wait(flag, 0, 1);
    expect(await read(await get(url, { body: "join" }))).toEqual({ text: "ok" });
  }
});

test("a connection is not reused after a server error: servers close it without notice", async () => {
  let connections = 0;
  const server = createServer((request, response) => {
    response.statusCode = Number(request.url!.slice(1));
    response.end("all");
  });
  server.on("connection", () => connections++);
  const url = await listening(server);
  for (const [status, expected] of [
    [200, 1],
    [404, 1],
    [500, 1],
    [503, 2],
    [200, 3],
    [200, 3],
  ] as const) {
    expect(await read(await get(new URL(`/${status}`, url).href, { body: "join" }))).toEqual({ text: "all" });
    expect(connections).toBe(expected);
  }
});

test("a caller's header for the body's length is ignored", async () => {
  const url = await app(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    response.end(text);
  });
  for (const headers of [{ "content-length": "3" }, { "transfer-encoding": "chunked" }, { "content-length": "999" }])
    expect(await read(await get(url, { body: "hello", headers }))).toEqual({ text: "hello" });
  expect(await read(await get(url, { headers: { "content-length": "5" } }))).toEqual({ text: "" });
});

test("headers that are not ASCII arrive unchanged, with a body and without", async () => {
  const url = await app((request, response) => response.end(request.headers["x-name"]));
  const headers = { "x-name": "J\xfcrgen" };
  for (const body of [undefined, "h\xe4", "\u20ac"])
    expect(await read(await get(url, { headers, body }))).toEqual({ text: "J\xc3\xbcrgen" });
});

test("requests work in a test with a fake clock", async () => {
  const url = await app((_, response) => response.end("ok"));
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  // The second goes over the connection that the first has left.
  for (let round = 0; round < 2; round++) expect(await read(await get(url))).toEqual({ text: "ok" });
});

test("a URL with a password is rejected and nothing is sent; an IPv6 host is reached", async () => {
  const listener = vi.fn<RequestListener>((_, response) => void response.end("here"));
  const url = await app(listener);
  await expect(get(url.replace("//", "//user:secret@"))).rejects.toThrow(/^(?!.*secret)/);
  expect(listener).not.toHaveBeenCalled();
  expect(await read(await get(await listening(createServer(listener), "::1")))).toEqual({ text: "here" });
});

test("the error for an invalid answer does not contain the bytes of the answer, which may repeat a secret", async () => {
  const secret = "x-token: secret";
  const url = await raw((socket) => socket.end(`HTTP/1.1 200 OK\r\n${secret}\r\nno header\r\n\r\n`));
  const error: unknown = await get(url).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "HPE_INVALID_HEADER_TOKEN" });
  const kept = Object.values(error as object).filter((value) => Buffer.isBuffer(value) && value.includes(secret));
  expect(kept).toEqual([]);
});

/** Words that a server sends, and how it closes the connection. */
interface Script {
  said: string[];
  how: "end" | "destroy" | "resetAndDestroy";
  pauses: boolean;
}

test("every answer and every way to close the connection ends the request and removes its listener", async () => {
  const words = fc.constantFrom(
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 000 \r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "HTTP/1.1 204 None\r\n\r\n",
    "HTTP/1.1 600 Odd\r\n\r\n",
    "content-length: 5\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\n",
    "content-encoding: gzip\r\n",
    "content-encoding: br\r\n",
    "connection: close\r\n",
    "x: \xff\x80\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "zz\r\n",
    "\r\n",
    "\x1f\x8b\x08\x00",
  );
  const scripts = fc.record({
    said: fc.array(words, { maxLength: 8 }),
    how: fc.constantFrom<Script["how"]>("end", "destroy", "resetAndDestroy"),
    pauses: fc.boolean(),
    body: fc.constantFrom(undefined, "x", "x".repeat(1_000_000)),
    abortAt: fc.option(fc.nat(6), { nil: undefined }),
  });
  const play = async (socket: Socket, { said, how, pauses }: Script, at: (word: number) => void): Promise<void> => {
    for (const [index, word] of said.entries()) {
      at(index);
      socket.write(word, "latin1");
      if (pauses) await new Promise((resolve) => setImmediate(resolve));
    }
    socket[how]();
  };
  const property = fc.asyncProperty(scripts, async ({ body, abortAt, ...script }) => {
    const abort = new AbortController();
    const server = createRawServer((socket) => {
      socket.on("error", () => undefined).resume();
      void play(socket, script, (word) => word === abortAt && abort.abort());
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await get(url, { body, signal: abort.signal }).then(read, () => undefined);
    await vi.waitUntil(() => listeners(abort.signal) === 0, { interval: 5 });
    server.close();
  });
  // An unhandled rejection would fail the run.
  await expect(fc.assert(property, { numRuns: 150 })).resolves.toBeUndefined();
});

test("connecting has a time limit, and its error says that nothing was sent", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const came = Promise.withResolvers<void>();
  // It takes the greeting of TLS, and says nothing.
  const url = await raw(() => came.resolve());
  const answer = get(url.replace("http:", "https:"));
  const failure = answer.catch((error: unknown) => error);
  await came.promise;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await failure).toMatchObject({ code: "ETIMEDOUT", syscall: "connect" });
});

test("a stream that fails before it is sent rejects the upload, and is not an uncaught error", async () => {
  const gone = createReadStream("/nowhere/at/all");
  const bytes = streamBytes(gone, () => undefined, new AbortController().signal);
  await new Promise<void>((resolve) => gone.on("close", resolve));
  await expect(bytes.getReader().read()).rejects.toThrow("ENOENT");
});

test("a Node stream that stalls is destroyed at the end of its upload, and its reader is rejected", async () => {
  const stalled = new Readable({ read: () => undefined });
  const over = new AbortController();
  const next = streamBytes(stalled, () => undefined, over.signal)
    .getReader()
    .read();
  over.abort();
  await expect(next).rejects.toBe(over.signal.reason);
  expect(stalled.destroyed).toBe(true);
});

/** The output of a program that sends requests and does not end itself. */
async function program(body: string, environment: Record<string, string> = {}): Promise<string> {
  const code = `import { Sender } from ${JSON.stringify(new URL("transport.ts", import.meta.url))};
    const sender = new Sender();
    const { signal } = new AbortController();
    const get = (url, more) => sender.send({ url, headers: {}, signal, ...more });
    const told = (error) => console.log(error.code);
    ${body}`;
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], {
    env,
    timeout: 20_000,
  });
  return stdout.trim();
}

test("a program ends after its last request; close() ends all requests, and background requests keep nothing alive", async () => {
  const url = await app((request, response) => (request.url === "/" ? response.end("ok") : undefined));
  const first = `await (await get("${url}")).body.getReader().read();`;
  const silent = `get("${url}silent", { background: true }).catch(told);`;
  expect(await program(first)).toBe("");
  expect(await program(silent)).toBe("");
  // Also over a connection that has kept the program alive before.
  expect(await program(`${first} setImmediate(() => ${silent.slice(0, -1)});`)).toBe("");
  const closed = `get("${url}silent").catch(told); setTimeout(() => sender.close(), 200);`;
  expect(await program(closed)).toBe("ECONNRESET");
}, 60_000);

/** A TLS server, and the path of its certificate. */
async function secure(answer: RequestListener): Promise<{ server: SecureServer; cert: string }> {
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", cert, "-days", "2"];
  await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject]);
  return { server: createSecureServer({ key: await readFile(key), cert: await readFile(cert) }, answer), cert };
}

test("a TLS failure after the request was received does not report that nothing was sent; one while connecting does", async () => {
  let way: Socket | undefined;
  const came = vi.fn<RequestListener>(() => way!.write("no TLS"));
  const { server, cert } = await secure(came);
  const inside = Number(new URL(await listening(server)).port);
  const url = await listening(
    createRawServer((socket) => {
      way = socket.on("error", () => undefined);
      const onward = connect(inside, "127.0.0.1").on("error", () => undefined);
      socket.pipe(onward).pipe(socket);
    }),
  );
  const error = `await get("${url.replace("http:", "https:")}", { body: "x" }).catch((error) =>
    console.log(JSON.stringify({ ...error })));`;
  const broken: object = JSON.parse(await program(error, { NODE_EXTRA_CA_CERTS: cert }));
  expect(came).toHaveBeenCalledOnce();
  expect(toGradioError(Object.assign(new Error(), broken), new URL(url))).toMatchObject({ accepted: null });

  const deaf = await raw((socket) => socket.destroy());
  const unmet = await get(deaf.replace("http:", "https:")).catch((reason: unknown) => reason);
  expect(toGradioError(unmet, new URL(deaf))).toMatchObject({
    accepted: false,
    message: expect.stringContaining("TLS") as string,
  });
});

test("an unknown certificate is rejected; one that the environment trusts is accepted", async () => {
  const { server, cert } = await secure((_, response) => response.end("secret"));
  const url = new URL((await listening(server)).replace("http:", "https:"));
  const refused = toGradioError(await get(url.href).catch((error: unknown) => error), url);
  expect(refused).toBeInstanceOf(ConnectionError);
  expect(refused).toMatchObject({ accepted: false, message: expect.stringContaining("self-signed") as string });
  const code = `const { value } = await (await get("${url.href}")).body.getReader().read(); console.log(String(value));`;
  expect(await program(code, { NODE_EXTRA_CA_CERTS: cert })).toBe("secret");
});
