import { Client, ConnectionError, InputError, ProtocolError } from "#sdk";
import { expect, inject, onTestFinished, test } from "vitest";
import { holds, named, prefix, protocol, version } from "./differences.ts";
import { appUrl, connect, errorOf, place } from "./place.ts";

test("an app is found with any number of slashes at the end of its address", async () => {
  const url = await appUrl();
  for (const address of [url, `${url}/`, `${url}//`, `${url}////`, new URL(url), `${url}/?__theme=dark#top`]) {
    const client = await Client.connect(address);
    expect(client.app.url).toBe(`${url}/`);
    expect(await client.predict("/echo", ["found"])).toBe("found");
    // A page has six connections to a server.
    await client.close();
  }
});

test("an app under a path that announces a wrong root is called at the URL the user gave", async () => {
  const url = await appUrl("odd");
  expect(url).toMatch(/\/sub\/path$/);
  // The app uses the address in the proxy's headers as its own.
  const client = await connect({ headers: { "x-forwarded-host": "internal.invalid" } }, "odd");
  const own = holds("the app announces the URL of the request as its root");
  expect(client.config["root"] === url).toBe(own);
  expect(client.app.url).toBe(`${url}/`);
  expect(await client.predict("/echo", ["mounted"])).toBe("mounted");
});

test("connecting sends two requests at the same time", async () => {
  const seen: string[] = [];
  const url = await appUrl();
  const client = await Client.connect(url, {
    fetch: (request) => {
      seen.push(new URL(request.url).pathname);
      return fetch(request);
    },
  });
  onTestFinished(() => client.close());
  const again = holds("the description is not at the first requested path");
  expect(seen).toEqual(["/config", "/gradio_api/info", ...(again ? ["/info"] : [])]);
});

test("the client lists the app's properties and endpoints", async () => {
  const client = await connect();
  expect(client.app).toMatchObject({ title: "Gradio of every generation", protocol, version });
  expect(client.config["components"]).toBeInstanceOf(Array);
  expect(client.sessionHash).toMatch(/^[0-9a-f]{32}$/);
  const two = client.endpoints.find((endpoint) => endpoint.name === "/two");
  expect(two).toMatchObject({
    index: expect.any(Number),
    generator: false,
    parameters: [
      { name: named ? "text" : null, label: "text", component: "Textbox", type: { type: "string" }, hasDefault: false },
      { name: named ? "number" : null, label: "number", component: "Number", type: { type: "number" } },
    ],
    returns: [{ label: "upper" }, { label: "double" }],
  });
  const names = client.endpoints.map((endpoint) => endpoint.name);
  expect(names).not.toContain("/private");
  expect(names.includes("/undocumented")).toBe(holds("hidden endpoints are shown"));
  const level = client.endpoints.find((one) => one.name === "/defaults")!.parameters.at(-1);
  expect(level).toMatchObject(
    named
      ? { name: "level", hasDefault: true, default: 0.5 }
      : { name: null, label: "level", hasDefault: false, default: null },
  );
});

test("viewApi shows every endpoint with an example call", async () => {
  const client = await connect();
  const text = client.viewApi();
  for (const { name } of client.endpoints) expect(text).toContain(`client.predict(${JSON.stringify(name)}`);
  const example = named ? '{ "text": "hello", "number": 3, "flag": true' : "[";
  expect(text).toContain(`client.predict("/defaults", ${example}`);
});

test("connecting to a page that is not a Gradio app fails with an error that says so", async () => {
  const error = await errorOf(Client.connect(`${inject("control")}/nothing/`));
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error.message).toContain("Gradio app");
});

test("connecting to an address without a server fails with a ConnectionError whose cause is the platform's error", async () => {
  const error = await errorOf(Client.connect("http://127.0.0.1:9/", { retry: { limit: 0 } }));
  expect(error).toBeInstanceOf(ConnectionError);
  expect(error.cause).toBeInstanceOf(Error);
});

test.each([
  ["", "empty"],
  ["   ", "empty"],
  ["ftp://host/app", "http"],
  ["example.com/app", 'Did you mean "https://example.com/app"?'],
  ["192.168.0.7/app", 'Did you mean "http://192.168.0.7/app"?'],
  ["just-a-word", "neither"],
  ["a/b/c", "neither"],
  ["http://", "not a URL"],
])("%j is not the name of an app, and the error gives the reason", async (name, why) => {
  const error = await errorOf(Client.connect(name));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain(why);
});

test("a password in a URL is not repeated in the error", async () => {
  for (const name of [
    "http://user:s3cret@host:999999/",
    "user:s3cret@127.0.0.1:7860",
    "https://user:s3cret@huggingface.co/spaces/owner/name",
    "http://user:s3cret@127.0.0.1:9/",
  ]) {
    const error = await errorOf(Client.connect(name, { retry: { limit: 0 } }));
    expect(error).toBeInstanceOf(name.endsWith(":9/") ? ConnectionError : InputError);
    expect(error.message + String(error.stack) + String(error.cause)).not.toContain("s3cret");
  }
});

test("a user and a password in the address are sent as basic authorization, which a header of the caller replaces", async () => {
  const url = (await appUrl()).replace("://", "://user:p%40ss@");
  const connectWith = async (headers: Record<string, string>) => {
    const seen: (string | null)[] = [];
    const client = await Client.connect(url, {
      headers,
      fetch: (request) => {
        expect(request.url).not.toContain("user");
        seen.push(request.headers.get("authorization"));
        return fetch(request);
      },
    });
    onTestFinished(() => client.close());
    expect(client.app.url).toBe(`${await appUrl()}/`);
    return new Set(seen);
  };
  expect(await connectWith({})).toEqual(new Set([`Basic ${btoa("user:p@ss")}`]));
  expect(await connectWith({ Authorization: "Basic own" })).toEqual(new Set(["Basic own"]));
  const error = await errorOf(Client.connect(url, { token: "hf_x" }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("token");
});

test("an option with an unknown field is refused, naming the known ones", async () => {
  const error = await errorOf(Client.connect(await appUrl(), { retry: { limits: 1 } } as object));
  expect(error.message).toContain('unknown field "limits"; expected limit, minDelay, maxDelay');
});

test("an unknown option is rejected, and the error names the closest one", async () => {
  const error = await errorOf(Client.connect(await appUrl(), { hf_token: "x" } as object));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain('Did you mean "token"?');
});

test.each([
  { timeout: -1 },
  { timeout: "5" },
  { retry: { limit: -1 } },
  { retry: { limits: 1 } },
  { headers: { "a\nb": "c" } },
])("an invalid option is rejected: %j", async (options) => {
  expect(await errorOf(Client.connect(await appUrl(), options as object))).toBeInstanceOf(InputError);
});

test.each([5, null, "options", []])("options that are not an object are rejected: %j", async (options) => {
  const error = await errorOf(Client.connect(await appUrl(), options as never));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("takes its options as an object");
});

test("an option that is undefined counts as omitted", async () => {
  const client = await connect({ timeout: undefined, headers: undefined });
  expect(await client.predict("/echo", ["x"])).toBe("x");
});

test("an aborted signal ends connecting with its reason, and has no effect once connected", async () => {
  const url = await appUrl();
  const reason = new Error("enough");
  expect(await errorOf(Client.connect(url, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  const abort = new AbortController();
  const pending = errorOf(Client.connect(url, { signal: abort.signal }));
  abort.abort(reason);
  expect(await pending).toBe(reason);
  const late = new AbortController();
  const client = await connect({ signal: late.signal });
  late.abort();
  expect(await client.predict("/echo", ["still"])).toBe("still");
});

test("headers of the client and of a call are sent once each, and those of the call take precedence", async () => {
  const client = await connect({ headers: { "X-One": "client", "x-two": "client", "X-Gradio-User": "me" } });
  const seen = await client.predict<{ headers: Record<string, string> }>("/headers", ["x-one,x-two,x-gradio-user"], {
    headers: { "x-TWO": "call" },
  });
  expect(seen.headers).toEqual({ "x-one": "client", "x-two": "call", "x-gradio-user": "me" });
});

test("a token is sent as a bearer token, also one that a function returns", async () => {
  for (const token of ["hf_secret", async () => "hf_secret"]) {
    const client = await connect({ token });
    const seen = await client.predict<{ headers: object }>("/headers", ["authorization"]);
    expect(seen.headers).toEqual({ authorization: "Bearer hf_secret" });
  }
});

test("the fetch option carries every request", async () => {
  const seen = new Set<string>();
  const client = await connect({
    fetch: (request) => {
      seen.add(new URL(request.url).pathname.replace(prefix, ""));
      return fetch(request);
    },
  });
  await client.predict("/file_info", [new Blob(["x"])]);
  const sockets = holds("calls use WebSockets, bypass fetch and logger, and have no ids");
  const called = ["/queue/join", "/queue/data"].filter(() => !sockets);
  expect([...seen].toSorted()).toEqual(expect.arrayContaining(["/config", "/info", "/upload", ...called]));
});

test("a session hash can be chosen, and resumes that session", async () => {
  const hash = `resumed-${place}-${crypto.randomUUID()}`;
  const first = await connect({ sessionHash: hash });
  expect(await first.predict("/counter", [5])).toBe(5);
  await first.close();
  const second = await connect({ sessionHash: hash });
  expect(second.sessionHash).toBe(hash);
  expect(await second.predict("/counter", [1])).toBe(6);
});

test("a logger receives method, path and status of each request, and nothing else", async () => {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const client = await connect({ token: "hf_secret", logger: { debug: log, info: log, warn: log, error: log } });
  await client.predict("/counter", [1]);
  expect(lines).toEqual(expect.arrayContaining(["GET /config 200", `GET ${prefix}/info 200`]));
  const sockets = holds("calls use WebSockets, bypass fetch and logger, and have no ids");
  const apart = holds("every call has a connection of its own");
  expect(lines.includes(`POST ${prefix}/queue/${apart ? "data" : "join"} 200`)).toBe(!sockets);
  expect(lines.join()).not.toMatch(new RegExp(`hf_secret|${client.sessionHash}`));
});
