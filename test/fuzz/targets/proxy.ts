import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as fc from "fast-check";
import { createApp } from "../../../packages/testing/src/index.ts";
import { gradioProxy, toNodeListener } from "../../../packages/node/src/proxy.ts";
import { must, target } from "../target.ts";

const TOKEN = "hf_SECRETsecretSECRET";
/** Addresses of the apps: the endpoints of the first are listed, and those of the second are decided by `authorize`. */
const APP = "http://app.test/base/";
const OPEN = "http://app.test/open/";
const FRIEND = "https://friend.test";
const functions = ["/greet", "/secret", "/other"];

/** A request that reached the app's side, with the input that caused it; `null` for a request of the proxy's own. */
interface Asked {
  url: URL;
  method: string;
  headers: Headers;
  body: string;
  isForwarded: boolean;
}

/** One input: a request as it is written to a socket, and the answer of the app. */
interface Input {
  method: string;
  target: string[];
  headers: string[];
  body: string;
  location: string;
}

const routes = (
  "config info app_id token login queue/data queue/join queue/status upload cancel reset component_server heartbeat/a stream/a " +
  "call/greet call/secret call/v2/secret call/secret/a call/v2/secret/a run/greet run/secret run/secret/ api/secret file=a file/a " +
  "proxy=a file=%00 file=a%5cb file=http%3A%2F%2Fevil.test file=//evil.test file=a%2f..%2fb"
).split(" ");

const pieces = (
  "/ // ; ? ?x=//evil.test ?__sign=1 # * .. . ../ %2e%2e/ %2E%2E%2F %2f..%2f %2f%2e%2e%2f %252e%252e%252f %2f %5c \\ %00 %0d%0a % %25 " +
  "%3f %23 é %C3%A9 %ff @evil.test http://evil.test/ https:evil.test //evil.test/ http%3A%2F%2Fevil.test file= call/ secret config"
).split(" ");

const lines = [
  "Host: evil.test",
  "X-Forwarded-Host: evil.test",
  "Forwarded: host=evil.test",
  "Authorization: Basic c2l0ZQ==",
  "Proxy-Authorization: Basic c2l0ZQ==",
  "Cookie: session=SITE; gradio.me%2Fapp.replica=1; gradio.me%2Fother.replica=SITE",
  "Cookie: session=SITE",
  "Connection: keep-alive, x-gradio-user",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  "Content-Length: 3",
  "Content-Length: 0",
  "Content-Encoding: gzip",
  "Expect: 100-continue",
  "Upgrade: websocket",
  "Range: bytes=0-1",
  "X-Gradio-User: api",
  "X-HTTP-Method-Override: GET",
  "Origin: https://foe.test",
  `Origin: ${FRIEND}`,
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Site: cross-site",
  "Sec-Fetch-Site: same-site",
];

const bodies = [
  "",
  "{}",
  "[1]",
  '{"data":[],"fn_index":0,"session_hash":"a"}',
  '{"data":[],"fn_index":1,"session_hash":"a"}',
  '{"data":[],"fn_index":"1","session_hash":"a"}',
  '{"data":[],"fn_index":1.0,"session_hash":"a"}',
  '{"data":[],"fn_index":true,"session_hash":"a"}',
  '{"data":[],"fn_index":null,"session_hash":"a"}',
  '{"data":[],"fn_index":0,"fn_index":1}',
  '{"data":[],"fn_index":1,"fn_index":0}',
  '{"data":[],"__proto__":{"fn_index":1}}',
  `0\r\n\r\nGET /api/gradio/me/app/token HTTP/1.1\r\nHost: site.test\r\n\r\n`,
];

const inputs: fc.Arbitrary<Input> = fc.record({
  method: fc.constantFrom("GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"),
  target: fc
    .tuple(
      fc.constantFrom(
        "/api/gradio/me/app/",
        "/api/gradio/me/app/",
        "/api/gradio/me/open/",
        "/api/gradio/me/open/",
        "/api/gradio/me/app",
        "/api/gradio/",
        "http://evil.test/api/gradio/me/app/",
        "",
      ),
      fc.constantFrom("", "gradio_api/", "gradio_api/"),
      fc.oneof(fc.constantFrom(...routes), fc.constantFrom(...pieces)),
      fc.oneof(
        fc.constant([]),
        fc.array(fc.oneof(fc.constantFrom(...pieces, "x".repeat(3_000)), ascii(4)), { maxLength: 3 }),
      ),
    )
    .map(([start, prefix, route, rest]) => [start, prefix, route, ...rest]),
  headers: fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...lines) }, { weight: 1, arbitrary: ascii(20) }),
    { maxLength: 4 },
  ),
  body: fc.constantFrom(...bodies),
  location: fc.constantFrom(
    "",
    "",
    "",
    "/base/config",
    "/token",
    "http://evil.test/",
    "//evil.test/base/",
    "../token",
    "/open/config",
    "http://app.test:81/base/",
  ),
});

function ascii(maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)), maxLength });
}

/** Checks that only allowed paths and endpoints of the app are requested, and that its token reaches nothing else. */
export const proxy = target({
  name: "proxy",
  inputs,
  few: 400,
  async check(input) {
    const { asked, said } = await exchange(input);
    const own = input.target.join("").includes("/me/open/") ? OPEN : APP;
    must(!said.includes(TOKEN), `the response contains the token: ${said.slice(0, 300)}`);
    for (const one of asked) {
      must(one.url.href.startsWith(own), `${one.url.href} was requested`);
      must(
        one.headers.get("authorization") === `Bearer ${TOKEN}`,
        `the credentials ${one.headers.get("authorization")}`,
      );
    }
    for (const one of asked.filter(({ isForwarded }) => isForwarded)) checkForwarded(one, input);
  },
});

const passed =
  /^(accept(-encoding)?|content-type|if-(match|modified-since|none-match|range)|last-event-id|range|x-gradio-user|authorization|cookie)$/;

function checkForwarded(asked: Asked, { headers, location }: Input): void {
  const { url, method, body } = asked;
  must(["GET", "HEAD", "POST"].includes(method), `${method} was sent`);
  const names = Array.from(asked.headers.keys()).filter((name) => !passed.test(name));
  must(names.length === 0, `the headers ${names.join(", ")} were sent`);
  must(!(asked.headers.get("cookie") ?? "").includes("SITE"), `the cookies ${asked.headers.get("cookie")} were sent`);
  const has = (start: string): boolean => headers.some((line) => line.startsWith(start));
  // Browsers set Sec-Fetch-Site themselves. It comes before Origin.
  const isFoe = has("Origin: https://foe") && !has("Sec-Fetch-Site: same-origin");
  const isForeign = isFoe || has("Sec-Fetch-Site: cross-site") || has("Sec-Fetch-Site: same-site");
  must(!isForeign || headers.includes(`Origin: ${FRIEND}`), "a request of another site was sent");
  must(!url.searchParams.has("__sign"), "a signature was sent");
  // A redirect of the app may lead to any path of the app.
  if (location !== "" && url.pathname.endsWith(new URL(location, APP).pathname)) return;
  const path = decodeURIComponent(url.pathname.slice("/base/".length)).replace(/^gradio_api\//, "");
  const [, file] = /^file[=/](.*)$/s.exec(path) ?? [];
  for (const text of file === undefined ? [path, decodeURIComponent(path)] : [file]) {
    must(!text.split("/").some((part) => part === "." || part === ".."), `${path} has a dot segment`);
    // oxlint-disable-next-line no-control-regex -- these characters are not allowed
    must(!/[\\\u0000-\u001f\u007f]/.test(text), `${path} has a backslash or a control character`);
  }
  must(!/^[\s/]*(https?:|\/\/)/i.test(file ?? ""), `the file ${path} of another server`);
  const paths =
    method === "POST" ? /^(queue\/join|upload|cancel|reset|component_server)$/ : /^(config|info|app_id|queue\/data)$/;
  const folders = method === "POST" ? /^(call|run|api|stream)\/[^/]/ : /^(heartbeat|stream|call)\/[^/]|^file[=/]./;
  must(paths.test(path) || folders.test(path), `${method} ${path} is not a route of the SDK`);
  must(path !== "component_server" || url.href.startsWith(OPEN), "a function of a component was called");
  const name = functionOf(method, path, body);
  const isAllowed = url.href.startsWith(OPEN) ? name !== "/secret" : name === null || name === "/greet";
  must(isAllowed, `${method} ${path} runs ${name}`);
}

/** The function that Gradio runs or reads for a request, by the rules of its router; `null` for none. */
function functionOf(method: string, path: string, body: string): string | null {
  // A GET has the id of an event behind the name.
  const named = method === "POST" ? /^call\/(?:v2\/)?([^/]+)\/?$/ : /^call\/(?:v2\/(?=[^/]+\/))?([^/]+)\/[^/]+\/?$/;
  const [, name] = named.exec(path) ?? [];
  if (name !== undefined) return `/${name}`;
  const [, direct] = /^(?:run|api)\/([^/]+)\/?$/.exec(path) ?? [];
  if (method !== "POST" || (direct === undefined && path !== "queue/join")) return null;
  const parsed = JSON.parse(body) as { fn_index?: unknown } | null;
  const index = parsed?.fn_index ?? null;
  if (index !== null) return functions[Number(index)] ?? null;
  return direct === undefined ? null : `/${direct}`;
}

/** The proxy on loopback, its app, and the requests that its app received. */
interface World {
  port: number;
  asked: Asked[];
  /** The answer of the app to the next request. */
  location: string;
  fetch: typeof fetch;
}

let world: Promise<World> | null = null;

async function open(): Promise<World> {
  const app = createApp(Object.fromEntries(functions.map((name) => [name, () => "done"])));
  const found: World = {
    port: 0,
    asked: [],
    location: "",
    fetch: async (given, init) => await answer(new Request(given, init)),
  };
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const body = await request.clone().text();
    const isOwn = /^\/(base|open)\/(gradio_api\/)?(config|info|app_id|)$/.test(url.pathname);
    const isForwarded = !isOwn || request.headers.has("last-event-id");
    found.asked.push({ url, method: request.method, headers: request.headers, body, isForwarded });
    if (!isForwarded) return await app.fetch(new Request(request.url.replace(/\/(base|open)\//, "/"), request));
    // The app repeats the headers of the request, as Gradio does for a range.
    const headers = new Headers(request.headers);
    headers.set("set-cookie", "session=app");
    if (found.location === "") return new Response("done", { headers });
    headers.set("location", found.location);
    return new Response(null, { status: 307, headers });
  };
  const handler = gradioProxy({
    apps: { "me/app": { app: APP, endpoints: ["/greet"] }, "me/open": OPEN },
    token: TOKEN,
    origins: [FRIEND],
    authorize: (_, { app: name, endpoint }) => name !== "me/open" || endpoint !== "/secret",
  });
  const server = createServer(toNodeListener(handler)).listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  found.port = (server.address() as AddressInfo).port;
  return found;
}

/** Writes an input to a connection of the proxy, and reads its response to the end. */
async function exchange({
  method,
  target: parts,
  headers,
  body,
  location,
}: Input): Promise<{ asked: Asked[]; said: string }> {
  const found = await (world ??= open());
  const original = globalThis.fetch;
  globalThis.fetch = found.fetch;
  found.asked.length = 0;
  found.location = location;
  try {
    const own = ["Host: site.test", "Last-Event-ID: 1", "Connection: close"];
    const hasLength = headers.some((line) => /^(content-length|transfer-encoding)/i.test(line));
    if (!hasLength && method === "POST") own.push(`Content-Length: ${Buffer.byteLength(body)}`);
    const head = [`${method} ${parts.join("")} HTTP/1.1`, ...own, ...headers].join("\r\n");
    const socket = connect(found.port, "127.0.0.1").setTimeout(1_000, () => socket.destroy());
    socket.end(`${head}\r\n\r\n${method === "POST" ? body : ""}`);
    let said = "";
    try {
      for await (const chunk of socket) said += String(chunk);
    } catch {
      // The proxy has refused the connection.
    }
    return { asked: found.asked.slice(), said };
  } finally {
    globalThis.fetch = original;
  }
}
