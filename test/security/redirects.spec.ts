import { Client, DownloadError, type FileData, GradioError } from "#sdk";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { dependencies, file, gave, hostileApp, otherServer, type Trick } from "./hostile.ts";
import { connect, expectBare, leaks, secretCall, secretOptions, secrets, thrown } from "./secrets.ts";

/** Redirects requests of a path to another URL. */
const sendOn =
  (path: string, status: number, to: string): Trick =>
  (request, response) => {
    if (!request.url.replace("/gradio_api", "").startsWith(path)) return false;
    response.writeHead(status, { location: to });
    response.end();
    return true;
  };

const statuses = [301, 302, 303, 307, 308];

test.each(statuses)("a redirect (%d) of the configuration to another host sends no data there", async (status) => {
  const other = await otherServer();
  const app = await hostileApp({ trick: sendOn("/config", status, `${other.url}/config`) });
  expect(await thrown(Client.connect(app.url, secretOptions))).toBeInstanceOf(GradioError);
  expect(other.seen).toEqual([]);
});

test("redirects of the description, of a login and of a component's function send no data there", async () => {
  const other = await otherServer();
  const described = await hostileApp({ trick: sendOn("/info", 307, `${other.url}/info`) });
  await thrown(connect(described.url));
  const login = await hostileApp({ trick: sendOn("/login", 307, `${other.url}/login`) });
  await connect(login.url, { auth: ["user", secrets.input] });
  const component = await hostileApp({ trick: sendOn("/component_server", 308, `${other.url}/x`) });
  const client = await connect(component.url);
  expect(await thrown(client.callComponent(1, "f", secrets.input))).toBeInstanceOf(GradioError);
  expect(other.seen).toEqual([]);
});

test.each(statuses)(
  "a call that is redirected (%d) to another host fails without sending its input there",
  async (status) => {
    const other = await otherServer();
    for (const path of ["/queue/join", "/queue/data"]) {
      const app = await hostileApp({ trick: sendOn(path, status, `${other.url}${path}`) });
      const client = await connect(app.url);
      const error = await thrown(client.predict("/echo", [secrets.input], secretCall));
      expect(error).toBeInstanceOf(GradioError);
      expect(leaks(app.of("/queue/join")[0]!.body)).toEqual([secrets.input]);
    }
    expect(other.seen).toEqual([]);
  },
);

test.each([
  ["Node's own", {}],
  ["a caller's", { fetch: (request: Request) => fetch(request) }],
])("an upload that is redirected to another host is not sent there, with %s fetch", async (_, options) => {
  const other = await otherServer();
  for (const status of statuses) {
    const app = await hostileApp({ trick: sendOn("/upload", status, `${other.url}/upload`) });
    const client = await connect(app.url, options);
    expect(await thrown(client.upload([new Blob([secrets.input])]))).toBeInstanceOf(GradioError);
  }
  expect(other.seen).toEqual([]);
});

test("a cancel that is redirected to another host sends no data there", async () => {
  const other = await otherServer();
  const app = await hostileApp({
    trick: (request, response) => {
      if (request.url.includes("/queue/data")) {
        response.write('data: {"msg":"process_starts","event_id":"e1"}\n\n');
        return true;
      }
      return sendOn("/cancel", 307, `${other.url}/cancel`)(request, response);
    },
  });
  const client = await connect(app.url);
  const job = client.submit("/echo", [secrets.input], secretCall);
  for await (const event of job) if (event.type === "status" && event.stage === "processing") break;
  expect(await job.cancel()).toBe(true);
  expect(app.of("/cancel")).toHaveLength(1);
  expect(other.seen).toEqual([]);
});

test("a download that is redirected to another host, and back, carries no data of the caller", async () => {
  const other = await otherServer();
  const app = await hostileApp({
    trick: sendOn("/file=", 307, `${other.url}/there`),
    messages: [gave(file("/tmp/a.txt"))],
  });
  const client = await connect(app.url);
  const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
  const path = await client.download(await client.predict<FileData>("/show"), { dir });
  expect(await readFile(path, "utf8")).toContain("sse_v3");
  expect(other.seen).toHaveLength(1);
  expectBare(other);
  expect(leaks(JSON.stringify(app.of("/file=")[0]))).toContain(secrets.token);
});

test.each(["data:text/plain,evil", "file:///etc/passwd", "blob:http://x/1", "javascript:1", "http://u:p@127.0.0.1:1/"])(
  "a redirect to %s is not followed, whatever the caller's fetch supports",
  async (to) => {
    const app = await hostileApp({ trick: sendOn("/file=", 302, to), messages: [gave(file("/tmp/a.txt"))] });
    const asked: string[] = [];
    const client = await connect(app.url, {
      fetch: async (request) => {
        asked.push(request.url);
        return await fetch(request);
      },
    });
    const error = await thrown(client.download(await client.predict<FileData>("/show"), { dir: tmpdir() }));
    expect(error).toBeInstanceOf(GradioError);
    expect(asked.filter((url) => !url.startsWith(app.url))).toEqual([]);
  },
);

test("a WebSocket of Gradio 3 whose handshake is redirected to another host does not connect there", async () => {
  const other = await otherServer();
  const app = await hostileApp({
    config: { version: "3.50.2", protocol: undefined, api_prefix: undefined },
    socket: (_, socket) => {
      socket.end(
        `HTTP/1.1 302 Found\r\nlocation: ${other.url.replace("http", "ws")}/queue/join\r\ncontent-length: 0\r\n\r\n`,
      );
    },
  });
  const client = await connect(app.url);
  expect(await thrown(client.predict("/echo", [secrets.input], secretCall))).toBeInstanceOf(GradioError);
  // The app itself receives the data that is meant for it.
  const [handshake] = app.of("/queue/join");
  expect(leaks(JSON.stringify(handshake))).toEqual(Object.values(secrets).slice(0, -1));
  expect(other.seen).toEqual([]);
});

test("redirects within the app's origin keep their data, which shows that the other tests are effective", async () => {
  const app = await hostileApp({ trick: sendOn("/queue/join", 307, "/moved") });
  const client = await connect(app.url);
  await thrown(client.predict("/echo", [secrets.input], secretCall));
  expect(leaks(JSON.stringify(app.of("/moved")[0])).toSorted()).toEqual(Object.values(secrets).toSorted());
});

test("endless redirects fail", async () => {
  const app = await hostileApp({ trick: sendOn("/config", 302, "/config?again") });
  expect(await thrown(connect(app.url))).toMatchObject({ code: "protocol" });
  expect(app.seen.length).toBeLessThan(20);
});

test("redirects of the heartbeat, of a reset and of chunks of an input send no data to another host", async () => {
  const other = await otherServer();
  const paths = ["/heartbeat", "/reset", "/stream/", "/queue/join"];
  const moves: Trick = (request, response) => {
    const path = paths.find((one) => request.url.replace("/gradio_api", "").startsWith(one));
    if (path === undefined || (path === "/queue/join" && app.of("/queue/join").length === 1)) return false;
    return sendOn(path, 307, `${other.url}${path}`)(request, response);
  };
  const stream = { generator: true, cancel: false };
  const [echo] = dependencies;
  const app = await hostileApp({
    config: {
      connect_heartbeat: true,
      dependencies: [{ ...echo, connection: "stream", types: stream }],
      version: "6.13.0",
    },
    trick: (request, response) => {
      if (!request.url.includes("/queue/data")) return moves(request, response);
      response.write('data: {"msg":"process_starts","event_id":"e1"}\n\n');
      return true;
    },
  });
  const client = await connect(app.url);
  const job = client.submit("/echo", [secrets.input], secretCall);
  for await (const event of job) if (event.type === "status" && event.stage === "processing") break;
  expect(await thrown(job.send([secrets.input]))).toBeInstanceOf(GradioError);
  expect(await thrown(job.end())).toBeInstanceOf(GradioError);
  await job.cancel();
  await client.close();
  for (const path of ["/heartbeat", "/stream/e1", "/stream/e1/close"])
    expect(app.of(path).length, path).toBeGreaterThan(0);
  expect(other.seen).toEqual([]);
});

test("a reset of a generator of Gradio 4 that is redirected to another host sends no data there", async () => {
  const other = await otherServer();
  const app = await hostileApp({
    config: { version: "4.8.0", protocol: "sse", api_prefix: undefined },
    trick: (request, response) => {
      if (request.url.includes("/queue/join")) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write('data: {"msg":"send_data","event_id":"e1"}\n\ndata: {"msg":"process_starts"}\n\n');
        return true;
      }
      return sendOn("/reset", 307, `${other.url}/reset`)(request, response);
    },
  });
  const client = await connect(app.url);
  const job = client.submit("/echo", [secrets.input], secretCall);
  for await (const event of job) if (event.type === "status" && event.stage === "processing") break;
  await job.cancel();
  await vi.waitFor(() => expect(app.of("/reset").length).toBeGreaterThan(0));
  expect(other.seen).toEqual([]);
});

test("a request to the Hub with the token is not redirected to another host", async () => {
  const other = await otherServer();
  for (const path of ["/api/spaces/owner/name/host", "/api/whoami-v2", "/api/spaces/owner/name/duplicate"]) {
    const hub = await hostileApp({
      trick: (request, response) => {
        if (request.url.startsWith(path)) return sendOn(path, 307, `${other.url}${path}`)(request, response);
        response.end(JSON.stringify({ name: "me", host: other.url }));
        return true;
      },
    });
    const options = { ...secretOptions, hubUrl: hub.url };
    const outcome = path.endsWith("/host")
      ? Client.connect("owner/name", options)
      : Client.duplicate("owner/name", options);
    expect(await thrown(outcome)).toBeInstanceOf(GradioError);
    expect(leaks(JSON.stringify(hub.of(path)[0]))).toContain(secrets.token);
  }
  expect(other.seen).toEqual([]);
});

test("a playlist or a segment that is redirected to another host carries no data of the caller", async () => {
  const other = await otherServer((_, response) => (response.end("#EXTM3U\n/part.ts\n#EXT-X-ENDLIST\n"), true));
  for (const moved of ["/gradio_api/stream/a/playlist.m3u8", "/part.ts"]) {
    const app = await hostileApp({
      messages: [gave(file("p.m3u8", { url: "/gradio_api/stream/a/playlist.m3u8", is_stream: true }))],
      trick: (request, response) => {
        if (request.url === moved) response.writeHead(302, { location: other.url + moved }).end();
        else if (request.url.endsWith(".m3u8")) response.end("#EXTM3U\n/part.ts\n#EXT-X-ENDLIST\n");
        else if (request.url === "/part.ts") response.end("part");
        else return false;
        return true;
      },
    });
    const client = await connect(app.url);
    const dir = await mkdtemp(join(tmpdir(), "gradio-rx-"));
    await client.download(await client.predict<FileData>("/show"), { dir });
  }
  expect(other.seen.map(({ url }) => url)).toEqual(["/gradio_api/stream/a/playlist.m3u8", "/part.ts"]);
  expectBare(other);
});

test.each(["file:///etc/passwd", "data:text/plain,x", "http://u:p@127.0.0.1:1/"])(
  "a redirect of a playlist or a segment to %s is not followed",
  async (to) => {
    for (const moved of ["/gradio_api/stream/a/playlist.m3u8", "/part.ts"]) {
      const app = await hostileApp({
        messages: [gave(file("p.m3u8", { url: "/gradio_api/stream/a/playlist.m3u8", is_stream: true }))],
        trick: (request, response) => {
          if (request.url === moved) response.writeHead(302, { location: to }).end();
          else if (request.url.endsWith(".m3u8")) response.end("#EXTM3U\n/part.ts\n#EXT-X-ENDLIST\n");
          else return false;
          return true;
        },
      });
      const client = await connect(app.url);
      const error = await thrown(client.download(await client.predict<FileData>("/show"), { dir: tmpdir() }));
      expect(error).toBeInstanceOf(DownloadError);
    }
  },
);
