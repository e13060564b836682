import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished, vi } from "vitest";
import { appUrl } from "../../place.ts";
import { type Behaviour, connect, connectTo, isRival, type Library, within } from "./behaviour.ts";
import { anonymous, front, greeter } from "./front.ts";

/** Lets the program run as if it was in a page, until the test ends. */
function inPage(address: string, config?: object): Map<string, string> {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  const page = { localStorage: storage, sessionStorage: storage, location: new URL(address) };
  vi.stubGlobal("window", Object.assign(new EventTarget(), page, config ? { gradio_config: config } : {}));
  vi.stubGlobal("location", page.location);
  vi.stubGlobal("document", { baseURI: address });
  onTestFinished(() => void vi.unstubAllGlobals());
  return items;
}

/** Runs a program that imports a package, calls an app and closes the client. */
async function program(library: Library): Promise<string> {
  const script = fileURLToPath(new URL("program.ts", import.meta.url));
  const [name, timeout] = isRival(library) ? ["@gradio/client", 8_000] : ["@gradio-rx/compat", 60_000];
  const args = ["--conditions=@gradio-rx/source", script, name, await appUrl()];
  const { stdout, stderr, ended } = await promisify(execFile)(process.execPath, args, { timeout }).then(
    (output) => ({ ...output, ended: "exits" }),
    (error: { stdout: string; stderr: string }) => ({ ...error, ended: "does not exit" }),
  );
  return stdout + stderr === "" ? ended : `prints, and ${ended}`;
}

export const requests: Behaviour[] = [
  {
    situation: "Call with a file that the app rejects",
    script: async (library) => {
      const url = new URL(await appUrl("odd"));
      const path = url.pathname.replace(/\/$/, "");
      const server = await front(url.origin, (config, own) => ({ ...config, root: own + path }));
      const client = await connectTo(library, server.url + path);
      const file = new File([new Uint8Array(5_000)], "a.txt");
      await within(
        library,
        client.predict("/file_echo", [file]).then(() => "resolves"),
      );
      const isSent = server.seen.some((request) => request.url?.includes("/queue/join"));
      return isSent ? "is submitted without the file" : "fails, and nothing is submitted";
    },
    ours: "fails, and nothing is submitted",
    theirs: "is submitted without the file",
  },
  {
    situation: "Call with the path of a file that does not exist",
    script: async (library) => {
      const server = await front(await appUrl(), anonymous);
      const client = await connectTo(library, server.url);
      const given = library.handle_file("/missing/report.txt");
      await within(
        library,
        client.predict("/file_echo", [given]).then(() => "resolves"),
      );
      const isSent = server.seen.some((request) => request.url?.includes("/queue/join"));
      return isSent ? "is submitted without the file" : "fails, and nothing is submitted";
    },
    ours: "fails, and nothing is submitted",
    theirs: "is submitted without the file",
  },
  {
    situation: "Bytes in the place of a file",
    script: async (library) => {
      const server = await front(await appUrl(), anonymous);
      const client = await connectTo(library, server.url);
      await within(
        library,
        client.predict("/file_echo", [new Uint8Array([1, 2, 3])]).then(() => "resolves"),
      );
      return server.seen.some((request) => request.url?.includes("/upload")) ? "are uploaded" : "are sent as JSON";
    },
    ours: "are uploaded",
    theirs: "are sent as JSON",
  },
  {
    situation: "App that announces another host as its `root`, and a token",
    script: async (library) => {
      const app = await greeter();
      const other = await front(app);
      const first = await front(app, (config) => ({ ...config, root: other.url }));
      const client = await connectTo(library, first.url, { token: "hf_secret" });
      await within(
        library,
        client.predict("/greet", ["you"]).then(() => "resolves"),
      );
      const isTold = other.seen.some(({ headers }) => String(headers.authorization).includes("hf_secret"));
      return isTold ? "the other host receives the token" : "the other host receives nothing";
    },
    ours: "the other host receives nothing",
    theirs: "the other host receives the token",
  },
  {
    situation: "Header of the options, for which a call gives another value",
    script: async (library) => {
      const server = await front(await appUrl(), anonymous);
      const client = await connectTo(library, server.url, { headers: { "x-mine": "a" } });
      for await (const event of client.submit("/echo", ["x"], null, null, false, { "x-mine": "b" })) void event;
      const request = server.seen.find(({ url }) => url?.includes("/queue/join"));
      return `x-mine: ${String(request?.headers["x-mine"])}`;
    },
    ours: "x-mine: b",
    theirs: "x-mine: b, a",
  },
  {
    situation: "Session ids",
    script: async (library) => {
      const random = vi.spyOn(Math, "random").mockReturnValue(0.123);
      const hashes = [await connect(library), await connect(library)].map(({ session_hash }) => session_hash);
      random.mockRestore();
      return hashes[0] === hashes[1] ? "from `Math.random`" : "from the platform's cryptographic source";
    },
    ours: "from the platform's cryptographic source",
    theirs: "from `Math.random`",
  },
  {
    situation: "`refresh()` outside of a page",
    script: async (library) =>
      await within(
        library,
        (await connect(library)).refresh().then(() => "resolves"),
      ),
    ours: "resolves",
    theirs: 'throws "window is not defined"',
  },
  {
    situation: "Program with the option `hf_token`, after it has closed its client",
    script: program,
    ours: "exits",
    theirs: "prints, and does not exit",
  },
  {
    situation: "Call of one app in the page of another one",
    script: async (library) => {
      const [app, page] = [await front(await greeter(), anonymous), await front(await greeter(), anonymous)];
      const config = (await (await fetch(`${page.url}/config`)).json()) as object;
      inPage(`${page.url}/`, { ...config, root: page.url });
      const client = await connectTo(library, app.url);
      const before = app.seen.length;
      await within(
        library,
        client.predict("/greet", ["you"]).then(() => "resolves"),
      );
      return app.seen.length > before ? "is sent to the app" : "is sent to the app of the page";
    },
    ours: "is sent to the app",
    theirs: "is sent to the app of the page",
  },
  {
    situation: "Query of the page that calls an app",
    script: async (library) => {
      const app = await front(await greeter(), anonymous);
      inPage("http://127.0.0.1:9/?invitation=secret");
      const client = await connectTo(library, app.url);
      await client.predict("/greet", ["you"]);
      return app.seen.some(({ url }) => url?.includes("secret")) ? "is sent to the app" : "is not sent";
    },
    ours: "is not sent",
    theirs: "is sent to the app",
  },
  {
    situation: "Inputs and outputs of calls in a page that is not the app's",
    script: async (library) => {
      const items = inPage("http://127.0.0.1:9/");
      const client = await connectTo(library, await greeter());
      await client.predict("/greet", ["you"]);
      return [...items.values()].join("").includes("Hello you") ? "are stored in the browser" : "are not stored";
    },
    ours: "are not stored",
    theirs: "are stored in the browser",
  },
];
