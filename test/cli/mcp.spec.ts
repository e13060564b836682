import { mkdir, mkdtemp, readdir, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as gr from "@gradio-rx/testing";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { picture } from "../contract/media.ts";
import { appUrl } from "../contract/place.ts";
import { embedded, serve } from "./app.ts";
import { environment, run, start } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

const bin = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
const folder = async (): Promise<string> => await mkdtemp(join(tmpdir(), "gradio-rx-"));

/** The official client, with the server as its child. */
async function connect(args: readonly string[], mode: "legacy" | { pin: string } = "legacy"): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["--conditions=@gradio-rx/source", bin, "mcp", ...args],
    env: environment() as Record<string, string>,
    stderr: "ignore",
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return client;
}

const call = async (client: Client, name: string, args: Record<string, unknown> = {}) =>
  await client.callTool({ name, arguments: args });

describe.each(["legacy", { pin: "2026-07-28" }] as const)("a client of the era %j", (mode) => {
  test("lists the endpoints as tools, calls them, and reads errors", async () => {
    const client = await connect([(await embedded()).url, "--only", "/two,fail,file_info"], mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["two", "fail", "file_info"]);
    expect(tools[0]).toMatchObject({ inputSchema: { type: "object", required: ["text", "number"] } });
    expect(await call(client, "two", { text: "a", number: 2 })).toMatchObject({
      content: [{ type: "text", text: '["A",4]' }],
      structuredContent: { result: ["A", 4] },
    });
    expect(await call(client, "fail", { message: "no" })).toMatchObject({
      isError: true,
      content: [{ type: "text", text: "no" }],
    });
    expect(await call(client, "two", { text: "a" })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('"number" of /two is missing') }],
    });
  });

  test("is told how a call goes, in numbers that rise, and cancels it at the app", async () => {
    const client = await connect([(await embedded()).url], mode);
    const seen: { progress: number; message?: string | undefined }[] = [];
    const abort = new AbortController();
    const calling = client.callTool(
      { name: "watched", arguments: { key: "mcp", steps: 1_000, delay: 0.02 } },
      {
        signal: abort.signal,
        onprogress: (progress) => {
          seen.push(progress);
          if (progress.message === "Generating") abort.abort(new Error("enough"));
        },
      },
    );
    await expect(calling).rejects.toThrow("enough");
    const numbers = seen.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(seen.map(({ message }) => message)).toEqual(expect.arrayContaining(["Processing", "Generating"]));
    await vi.waitFor(async () =>
      expect((await call(client, "record", { key: "mcp" })).structuredContent).toMatchObject({
        result: { started: 1, stopped: 1 },
      }),
    );
  });
});

test("a long call is reported at least each five seconds", async () => {
  const client = await connect([(await embedded()).url]);
  let told = 0;
  const args = { name: "slow", arguments: { seconds: 9 } };
  await client.callTool(args, { onprogress: () => void told++ });
  const quick = { name: "slow", arguments: { seconds: 0 } };
  let least = 0;
  await client.callTool(quick, { onprogress: () => void least++ });
  expect(told - least).toBeGreaterThanOrEqual(2);
});

test("--timeout limits each call of a tool, and cancels it at the app; the server goes on", async () => {
  const client = await connect([(await embedded()).url, "--timeout", "3s"]);
  const steps = { steps: 10_000, delay: 0.02 };
  // The second call starts when the limit of the first one, and that of the connection, have passed.
  for (const key of ["first", "second"]) {
    expect(await call(client, "watched", { key, ...steps })).toMatchObject({
      isError: true,
      content: [{ text: "The call took longer than its time limit, --timeout 3s." }],
    });
    await vi.waitFor(
      async () =>
        expect((await call(client, "record", { key })).structuredContent).toMatchObject({
          result: { started: 1, stopped: 1 },
        }),
      { timeout: 20_000 },
    );
  }
  expect(await run(["mcp", "http://127.0.0.1:1", "--timeout", "soon"])).toMatchObject({ code: 2, stdout: "" });
});

describe("files", () => {
  test("come in as data, as addresses, and as paths inside of --files, and from nowhere else", async () => {
    const dir = await folder();
    await mkdir(join(dir, "files", "deep"), { recursive: true });
    await writeFile(join(dir, "files", "deep", "a.txt"), "12345");
    await writeFile(join(dir, "secret.txt"), "secret");
    await symlink(join(dir, "secret.txt"), join(dir, "files", "link.txt"));
    const app = await embedded();
    const client = await connect([app.url, "--files", join(dir, "files")]);
    const info = async (file: string): Promise<unknown> => {
      const { structuredContent, isError, content } = await call(client, "file_info", { file });
      return isError ? (content as { text: string }[])[0]!.text : (structuredContent as { result: unknown }).result;
    };
    expect(await info("deep/a.txt")).toMatchObject({ name: "a.txt", size: 5 });
    expect(await info("data:text/plain;base64,MTIz")).toMatchObject({ name: "file.txt", size: 3 });
    expect(await info("data:,a%20b")).toMatchObject({ size: 3 });
    const made = await call(client, "file_make", { name: "made.txt", size: 7 });
    const link = (made.content as { type: string; uri: string }[]).find(({ type }) => type === "resource_link");
    expect(await info(link!.uri)).toMatchObject({ size: 7 });
    for (const path of ["../secret.txt", join(dir, "secret.txt"), "link.txt", "missing.txt", "/etc/passwd", ""])
      expect(await info(path)).toContain("There is no file");
    const closed = await connect([app.url]);
    expect(await call(closed, "file_info", { file: "deep/a.txt" })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("--files") }],
    });
  });

  test("go out as links, small images and sounds inside of the answer as well, and are saved with --out", async () => {
    const out = join(await folder(), "out");
    const png = await picture().bytes();
    const app = await serve({
      small: gr.endpoint({ inputs: [], outputs: [gr.image("image")], fn: () => new File([png], "small.png") }),
      large: gr.endpoint({
        inputs: [],
        outputs: [gr.image("image")],
        fn: () => new File([new Uint8Array(1_048_577)], "large.png"),
      }),
    });
    const client = await connect([app.url]);
    const small = await call(client, "small");
    expect(small.content).toEqual([
      { type: "text", text: expect.stringMatching(/^http.*small\.png$/) },
      { type: "image", data: Buffer.from(png).toString("base64"), mimeType: "image/png" },
      expect.objectContaining({ type: "resource_link", name: "small.png", mimeType: "image/png" }),
    ]);
    const large = await call(client, "large");
    expect((large.content as { type: string }[]).map(({ type }) => type)).toEqual(["text", "resource_link"]);
    const saving = await connect([app.url, "--out", out]);
    const saved = await call(saving, "small");
    expect(await readdir(out)).toEqual(["small.png"]);
    expect(saved).toMatchObject({
      content: [
        { type: "text", text: join(out, "small.png") },
        { type: "image" },
        { uri: expect.stringMatching(/^file:/) },
      ],
      structuredContent: { result: { localPath: join(out, "small.png") } },
    });
  });
});

test("tools of several apps have the app's name before theirs", async () => {
  const one = await embedded();
  const two = await serve({ "/greet": (name: string) => `Hello ${name}!` });
  const client = await connect([one.url, two.url, "--only", "echo,greet"]);
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  expect(names).toEqual([
    expect.stringMatching(/^127_0_0_1_\d+_echo$/),
    expect.stringMatching(/^127_0_0_1_\d+_greet$/),
  ]);
  expect(await call(client, names[1]!, { name: "Ada" })).toMatchObject({ structuredContent: { result: "Hello Ada!" } });
  expect(await run(["mcp", one.url, "--only", "ehco"])).toMatchObject({ code: 2, stdout: "" });
});

test("an app that goes away is an error of its calls; one that comes back is called again", async () => {
  const app = await serve({ "/greet": (name: string) => `Hello ${name}!` });
  const { port } = new URL(app.url);
  const client = await connect([app.url]);
  expect(await call(client, "greet", { name: "Ada" })).toMatchObject({ structuredContent: { result: "Hello Ada!" } });
  await app.close();
  expect(await call(client, "greet", { name: "Ada" })).toMatchObject({ isError: true });
  await serve({ "/greet": (name: string) => `Hello again, ${name}!` }, { port: Number(port) });
  await vi.waitFor(
    async () =>
      expect(await call(client, "greet", { name: "Ada" })).toMatchObject({
        structuredContent: { result: "Hello again, Ada!" },
      }),
    { timeout: 20_000 },
  );
});

test("the end of stdin cancels what runs, and the program ends with 0", async () => {
  const app = await embedded();
  const running = start(["mcp", app.url], { input: null });
  const say = (message: object): void =>
    void running.child.stdin!.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  const clientInfo = { name: "test", version: "1" };
  say({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo } });
  await running.until("stdout", '"id":1');
  say({ method: "notifications/initialized" });
  const args = { key: "end", steps: 1_000, delay: 0.02 };
  const meta = { progressToken: 1 };
  say({ id: 2, method: "tools/call", params: { name: "watched", arguments: args, _meta: meta } });
  await running.until("stdout", "Generating");
  running.child.stdin!.end();
  expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  for (const line of running.said.stdout.trimEnd().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  const record = await run(["call", app.url, "/record", "key=end", "-q"]);
  expect(JSON.parse(record.stdout)).toMatchObject({ stopped: 1 });
});

test("tools of real Gradio are listed and called, files in and out", async () => {
  const client = await connect([await appUrl()]);
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["two", "image_flip"]),
  );
  const image = `data:image/png;base64,${Buffer.from(await picture().bytes()).toString("base64")}`;
  const flipped = await call(client, "image_flip", { image });
  expect((flipped.content as { type: string }[]).map(({ type }) => type)).toEqual(["text", "image", "resource_link"]);
});
