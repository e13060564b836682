import { type CallOptions, Client, type FileData } from "#sdk";
import { expect, onTestFinished, test, vi } from "vitest";
import { appUrl, hubUrl } from "../place.ts";

/** Replaces the page around this one by the Hub's page: runs as a script of that page and records the messages it receives. */
function hubPage(script: string): string[] {
  const asked: string[] = [];
  const outer = window.parent as unknown as { eval(script: string): unknown; asked?: string[] };
  outer.asked = asked;
  outer.eval(`
    window.endHub = new AbortController();
    window.addEventListener("message", (event) => {
      if (typeof event.data !== "string" || !event.data.includes("zerogpu")) return;
      window.asked.push(event.data);
      (${script})(event);
    }, { signal: window.endHub.signal });
  `);
  onTestFinished(() => void outer.eval("window.endHub.abort()"));
  return asked;
}

const ANSWERS = `(event) => {
  if (event.data === "supports-zerogpu-headers") event.source.postMessage(event.data, event.origin);
  else event.ports[0].postMessage({ "x-zerogpu-token": "visitor", Authorization: "stolen", "x-odd": "a\\r\\nb", "x-number": 1 });
}`;

async function connect(app: string, options: Parameters<typeof Client.connect>[1]): Promise<Client> {
  const client = await Client.connect(app, options);
  onTestFinished(() => client.close());
  return client;
}

async function headersOf(client: Client, options: CallOptions = {}): Promise<Record<string, string>> {
  const seen = await client.predict<{ headers: Record<string, string> }>("/headers", [""], options);
  return seen.headers;
}

test("in a frame of the Hub each call carries the headers that the Hub's page sends for it, if they begin with x-", async () => {
  const asked = hubPage(ANSWERS);
  const client = await connect(await appUrl(), { hubUrl: location.origin });
  const headers = await headersOf(client);
  expect(headers).toMatchObject({ "x-zerogpu-token": "visitor" });
  for (const name of ["authorization", "x-odd", "x-number"]) expect(headers).not.toHaveProperty(name);
  expect(await headersOf(client, { headers: { "X-ZeroGPU-Token": "mine" } })).toMatchObject({
    "x-zerogpu-token": "mine",
  });
  expect(asked).toEqual(["supports-zerogpu-headers", "zerogpu-headers", "zerogpu-headers"]);
});

test("the same holds if the Hub's page is on another origin, as it is on the real Hub", async () => {
  const hub = await hubUrl();
  const authorization = "Bearer hf_mine";
  const answer = await fetch(`${hub}/api/spaces/me/private/host`, { headers: { authorization } });
  const { host } = (await answer.json()) as { host: string };
  const sdk = new URL("/packages/web/src/index.ts", location.href).href;
  const page = `${host}/page?${new URLSearchParams({ sdk, app: await appUrl(), hubUrl: hub })}`;
  const received = new Promise<unknown>((resolve) => {
    const hear = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data === "object" && data !== null && "seen" in data) resolve(data.seen);
    };
    window.top!.addEventListener("message", hear);
    onTestFinished(() => window.top!.removeEventListener("message", hear));
  });
  const frame = document.createElement("iframe");
  frame.src = `${hub}/frame?${new URLSearchParams({ src: page })}`;
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  expect(await received).toEqual({ "x-zerogpu-token": `visitor of ${host}` });
});

test("headers from a page other than the Hub's are ignored, and such a page delays no call for long", async () => {
  const asked = hubPage("() => undefined");
  const client = await connect(await appUrl(), { hubUrl: location.origin });
  // A frame with an opaque origin claims to be the Hub's page.
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.srcdoc = `<script>parent.postMessage("supports-zerogpu-headers", "*"); parent.postMessage("said", "*")</script>`;
  const said = new Promise<void>((resolve) => {
    const hear = ({ data, origin }: MessageEvent): void => void (data === "said" && origin === "null" && resolve());
    addEventListener("message", hear);
    onTestFinished(() => removeEventListener("message", hear));
  });
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  await said;
  expect(Object.keys(await headersOf(client)).join()).not.toContain("zerogpu");
  expect(asked).toEqual(["supports-zerogpu-headers"]);
});

test("a page in a frame of another site asks no page for headers", async () => {
  const asked = hubPage(ANSWERS);
  const client = await connect(await appUrl(), {});
  expect(Object.keys(await headersOf(client)).join()).not.toContain("zerogpu");
  expect(asked).toEqual([]);
});

test("close() removes the listener of a handshake that was not answered", async () => {
  hubPage("() => undefined");
  const add = vi.spyOn(window, "addEventListener");
  onTestFinished(() => add.mockRestore());
  const client = await connect(await appUrl(), { hubUrl: location.origin });
  const listeners = add.mock.calls.filter(([type]) => type === "message").map(([, , options]) => options);
  expect(listeners).toHaveLength(1);
  await client.close();
  expect((listeners[0] as AddEventListenerOptions).signal?.aborted).toBe(true);
});

test("an image of a private Space is displayed in a page", async () => {
  const client = await connect("me/private", { hubUrl: await hubUrl(), token: "hf_mine" });
  const file = await client.predict<FileData>("/image_flip", [null]);
  const image = new Image();
  image.src = file.url;
  await image.decode();
  expect(image.naturalWidth).toBeGreaterThan(0);
  expect(file.url).toContain("__sign=");
  const bare = new URL(file.url);
  bare.searchParams.delete("__sign");
  const hidden = new Image();
  hidden.src = bare.href;
  await expect(hidden.decode()).rejects.toMatchObject({ name: "EncodingError" });
  const blob: unknown = await client.download(file);
  expect(blob).toMatchObject({ type: "image/png" });
});
