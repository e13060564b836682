import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as gr from "@gradio-rx/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { run as runProgram } from "../consumers/run.ts";
import { appUrl, hubUrl } from "../contract/place.ts";
import { embedded, hostileEndpoint, serve } from "./app.ts";
import { environment, run, start } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

const folder = async (): Promise<string> => await mkdtemp(join(tmpdir(), "gradio-rx-"));
const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

interface Info {
  app: { url: string };
  endpoints: { name: string; command: string; parameters: unknown[]; concurrency: unknown }[];
}

describe("info", () => {
  test("says what each endpoint takes and gives, in JSON as the SDK does", async () => {
    const { url } = await embedded();
    const { stdout } = await run(["info", url]);
    expect(stdout).toContain(
      '/defaults\n  takes\n    text    text (Textbox)      default "hello"\n    number  number (Number)     default 3\n',
    );
    expect(stdout).toContain('choice  "a" | "b" | "c"     default "b"\n');
    expect(stdout).toContain("/none\n  takes nothing\n  gives nothing\n");
    const one = JSON.parse((await run(["info", url, "two", "--json"])).stdout) as Info;
    expect(one.endpoints).toMatchObject([{ name: "/two", parameters: [{ name: "text" }, { name: "number" }] }]);
    expect(await run(["info", url, "/tow"])).toMatchObject({ code: 2, stdout: "" });
    const rude = await start(["info", (await serve({ "/rude": hostileEndpoint() })).url], { terminal: ["out"] }).ended;
    expect(rude.terminal).not.toContain("\u001b[2J");
  });

  test("its commands run as they are pasted into a shell", async () => {
    const odd = gr.endpoint({
      inputs: [
        gr.component("text", "text", {}, { schema: { type: "string" }, example: "it's\n$HOME" }),
        gr.json("json"),
        gr.component(
          "list",
          "list",
          {},
          { schema: { type: "array", items: { type: "string" } }, example: ["a b", "c"] },
        ),
        gr.file("file"),
        gr.dropdown("choice", ["x y", "z"]),
        gr.slider("level", { minimum: 2 }),
        // gr.api() of Gradio gives this example for a parameter of any type.
        gr.component("ratio", "api", {}, { schema: { type: "number" }, example: "..." }),
      ],
      outputs: [gr.json("given")],
      parameters: ["text", "json", "list", "file", "choice", "level", "ratio"],
      fn: (...given: unknown[]) => given.slice(0, 7).map((one) => (one instanceof Blob ? one.size : one)),
    });
    const { url } = await serve({ odd, "/plain": (name: unknown) => name });
    const { endpoints } = JSON.parse((await run(["info", url, "--json"])).stdout) as Info;
    const dir = await folder();
    const bin = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
    const script = `#!/bin/sh\nexec ${process.execPath} --conditions=@gradio-rx/source ${bin} "$@" -q\n`;
    await writeFile(join(dir, "gradio-rx"), script, { mode: 0o755 });
    const env = environment({ PATH: `${dir}:${process.env["PATH"]}` });
    const said = [];
    for (const { command } of endpoints) said.push(await runProgram("sh", ["-c", command], { cwd: dir, env }));
    expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(endpoints.map(() => [0, ""]));
    expect(JSON.parse(said[0]!.stdout)).toEqual(["it's\n$HOME", { foo: "bar" }, ["a b", "c"], 8, "x y", 2, 1]);
  });
});

describe("doctor", () => {
  const states = (stdout: string): Record<string, string> =>
    Object.fromEntries(
      (JSON.parse(stdout) as { checks: { name: string; state: string }[] }).checks.map(({ name, state }) => [
        name,
        state,
      ]),
    );

  test("finds nothing wrong with an app that is well, and runs none of its functions", async () => {
    const app = await embedded();
    const { code, stdout } = await run(["doctor", app.url, "--json"]);
    expect(code).toBe(0);
    const skipped = { space: "skip", cors: "skip" };
    const well = { address: "ok", config: "ok", endpoints: "ok", root: "ok", stream: "ok", cookies: "ok" };
    expect(states(stdout)).toEqual({ ...well, ...skipped });
    expect(app.count("POST", "/queue/join")).toBe(0);
    expect((await run(["doctor", await appUrl()])).stdout).toMatch(/^ok {4}address {4}.*^ok {4}stream/ms);
  });

  test("says what is wrong, and what to do", async () => {
    const { url } = await embedded({ auth: ["user", "pass"] });
    const locked = await run(["doctor", url]);
    expect(locked.code).toBe(1);
    expect(locked.stdout).toMatch(/^fail {2}config .*\n +Pass --auth USER:PASSWORD/m);
    const none = createServer((_, response) => response.end("<html>"));
    await new Promise<void>((resolve) => none.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void none.close());
    const at = `http://127.0.0.1:${(none.address() as AddressInfo).port}`;
    expect(states((await run(["doctor", at, "--json"])).stdout)).toMatchObject({ address: "ok", config: "fail" });
    none.close();
    none.closeAllConnections();
    const gone = await run(["doctor", at]);
    expect(gone).toMatchObject({ code: 1, stdout: expect.stringMatching(/^fail {2}address .*does not answer/) });
    expect(await run(["doctor", at, "--origin", "nothing"])).toMatchObject({ code: 2, stdout: "" });
  });

  test("finds a proxy that buffers streams and hides its own address, and a page's origin that is not allowed", async () => {
    const app = await embedded();
    // The app's heartbeat never gets through.
    const proxy = createServer((request, response) => {
      if (request.url?.includes("/heartbeat/")) return;
      void fetch(new URL(request.url ?? "/", app.url)).then(async (answer) => {
        const body = (await answer.text()).replaceAll(/"root":"[^"]*"/g, '"root":"http://elsewhere.test/app"');
        response.setHeader("set-cookie", "sticky=1; Path=/").writeHead(answer.status).end(body);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => (proxy.closeAllConnections(), void proxy.close()));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, stdout } = await run(["doctor", url, "--origin", "https://www.example.com"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^warn {2}root .*elsewhere\.test\/app.*\n.*root_path/m);
    expect(stdout).toMatch(/^fail {2}stream .*\n.*buffer/m);
    expect(stdout).toMatch(/^fail {2}cors .*https:\/\/www\.example\.com/m);
    expect(stdout).toMatch(/^warn {2}cookies .*sticky/m);
  });
});

describe("batch", () => {
  test("calls once for each line; failures are lines, and exit code 1", async () => {
    const { url } = await embedded();
    const input = '{"text":"a"}\n\n["b"]\n{"txt":"c"}\n';
    const { code, stdout, stderr } = await run(["batch", url, "echo", "-"], { input });
    expect(code).toBe(1);
    expect(lines(stdout).toSorted((a, b) => Number(a["index"]) - Number(b["index"]))).toEqual([
      { index: 0, input: { text: "a" }, result: "a" },
      { index: 1, input: ["b"], result: "b" },
      { index: 2, input: { txt: "c" }, error: { code: "input", message: expect.stringContaining('"txt"') } },
    ]);
    expect(stderr).toContain("3 of 3 ended, 1 failed");
    expect(await run(["batch", url, "echo"], { input: "{" })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Line 1 of the input"),
    });
  });

  test("reads CSV by its header: each cell as name=text, files by @", async () => {
    const dir = await folder();
    await writeFile(join(dir, "a.txt"), "12345");
    await writeFile(join(dir, "in.csv"), 'text,number,flag\n"a, b",2,false\nc,,true\n');
    const { url } = await embedded();
    const values = await run(["batch", url, "/defaults", join(dir, "in.csv"), "-q"]);
    expect(values.code).toBe(0);
    expect(
      lines(values.stdout)
        .map(({ result }) => String(result))
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(["a, b|2|False|b|0.5", "c|3|True|b|0.5"]);
    const file = await run(["batch", url, "file_info", "--format", "csv"], { input: `file\n@${join(dir, "a.txt")}\n` });
    expect(lines(file.stdout)).toMatchObject([{ result: { size: 5 } }]);
    expect(await run(["batch", url, "two", "--format", "csv"], { input: "text,number\na,x\n" })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Row 1 of the CSV"),
    });
  });

  test.each([
    ["jsonl", '{"text":"a"}\n', '["b\\nb"]\n', "[\n", "Line 3 of the input"],
    ["csv", "text\na\n", '"b\nb"\n', "c,d\n", "The CSV cannot be read"],
  ])("calls start while stdin is still open, in %s", async (format, first, second, wrong, message) => {
    const { url } = await embedded();
    const out = join(await folder(), "out.jsonl");
    const running = start(["batch", url, "echo", "--format", format, "-o", out], { input: null });
    running.child.stdin!.write(first);
    await running.until("stderr", "1 ended, 0 failed");
    running.child.stdin!.write(second);
    await running.until("stderr", "2 ended, 0 failed");
    expect(lines(await readFile(out, "utf8")).map(({ index, result }) => [index, result])).toEqual([
      [0, "a"],
      [1, "b\nb"],
    ]);
    // A line that cannot be read ends the batch. What was done before is kept.
    running.child.stdin!.write(wrong);
    running.child.stdin!.end();
    expect(await running.ended).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    expect(lines(await readFile(out, "utf8"))).toHaveLength(2);
  });

  test("Ctrl-C ends a batch that waits for stdin", async () => {
    const { url } = await embedded();
    const running = start(["batch", url, "echo"], { input: null });
    running.child.stdin!.write('{"text":"a"}\n');
    await running.until("stderr", "1 ended");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, stderr: expect.stringContaining("Cancelled") });
  });

  test("a file of results is continued: what has a result stays, failed and torn lines run again, each stands once", async () => {
    const dir = await folder();
    const [given, out] = [join(dir, "in.jsonl"), join(dir, "out.jsonl")];
    await writeFile(given, '{"text":"a"}\n{"text":"b"}\n{"text":"c"}\n');
    const app = await embedded();
    const kept = { index: 1, input: { text: "b" }, result: "kept" };
    const failed = { index: 0, input: { text: "a" }, error: { code: "connection", message: "gone" } };
    await writeFile(out, `${JSON.stringify(failed)}\n${JSON.stringify(kept)}\n{"index":2,"inp`);
    expect(await run(["batch", app.url, "echo", given, "-o", out, "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const results = lines(await readFile(out, "utf8"));
    expect(
      results.toSorted((a, b) => Number(a["index"]) - Number(b["index"])).map(({ index, result }) => [index, result]),
    ).toEqual([
      [0, "a"],
      [1, "kept"],
      [2, "c"],
    ]);
    expect(app.count("POST", "/queue/join")).toBe(2);
    await writeFile(given, '{"text":"other"}\n{"text":"b"}\n{"text":"c"}\n');
    const other = await run(["batch", app.url, "echo", given, "-o", out]);
    expect(other).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("records other inputs") });
    expect(app.count("POST", "/queue/join")).toBe(2);
  });

  test("a file with lines that no batch writes, such as the input, is refused as output: it stays as it is, and nothing is sent", async () => {
    const dir = await folder();
    const [given, notes] = [join(dir, "in.jsonl"), join(dir, "notes.txt")];
    await writeFile(given, '{"text":"a"}\n');
    await writeFile(notes, "remember\n");
    const app = await embedded();
    for (const out of [given, notes]) {
      const { code, stdout, stderr } = await run(["batch", app.url, "echo", given, "-o", out]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(`${out} records other inputs: it has lines that no batch writes.`);
    }
    expect(await readFile(given, "utf8")).toBe('{"text":"a"}\n');
    expect(await readFile(notes, "utf8")).toBe("remember\n");
    expect(app.count("POST", "/queue/join")).toBe(0);
    await writeFile(notes, '{"in');
    expect((await run(["batch", app.url, "echo", given, "-o", notes, "-q"])).code).toBe(0);
    expect(lines(await readFile(notes, "utf8"))).toEqual([{ index: 0, input: { text: "a" }, result: "a" }]);
    await writeFile(notes, '{"ind');
    const store = ["--store", join(dir, "batch.sqlite")];
    expect((await run(["batch", app.url, "echo", given, "-o", notes, "-q", ...store])).code).toBe(0);
  });

  test("Ctrl-C keeps what is done, and cancels the rest at the app", async () => {
    const dir = await folder();
    const out = join(dir, "out.jsonl");
    const app = await embedded();
    const input = ['{"key":"b","steps":1,"delay":0}', '{"key":"b","steps":1000,"delay":0.02}'].join("\n");
    await writeFile(join(dir, "in.jsonl"), input);
    const running = start(["batch", app.url, "/watched", join(dir, "in.jsonl"), "-o", out]);
    await running.until("stderr", "1 of 2");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/\nCancelled\n$/) });
    expect(lines(await readFile(out, "utf8"))).toMatchObject([{ index: 0, result: 0 }]);
    const { stdout } = await run(["call", app.url, "/record", "key=b", "-q"]);
    expect(JSON.parse(stdout)).toMatchObject({ started: 2, finished: 1, stopped: 1 });
  });

  test("never more calls run at once than --concurrency says; files are saved with --out", async () => {
    let [now, most] = [0, 0];
    const { url } = await serve(
      {
        one: gr.endpoint({
          inputs: [gr.number("n")],
          outputs: [gr.file("file")],
          parameters: ["n"],
          fn: async (n: number) => {
            most = Math.max(most, ++now);
            await new Promise((resolve) => setTimeout(resolve, 50));
            now--;
            return new File(["x".repeat(n)], "made.txt");
          },
        }),
      },
      { defaultConcurrencyLimit: null },
    );
    const out = join(await folder(), "made");
    const input = [1, 2, 3, 4, 5].map((n) => JSON.stringify({ n })).join("\n");
    const { stdout } = await run(["batch", url, "one", "--concurrency", "2", "--out", out, "-q"], { input });
    const paths = lines(stdout).map(({ result }) => (result as { localPath: string }).localPath);
    expect(new Set(paths).size).toBe(5);
    expect(paths.every((path) => existsSync(path))).toBe(true);
    expect(most).toBe(2);
  });
});

describe("tokens", () => {
  test("a token of the environment goes to Spaces alone", async () => {
    const { url } = await embedded();
    const seen = async (args: string[], env: Record<string, string>): Promise<unknown> => {
      const { stdout } = await run(["call", url, "/headers", "names=authorization", "-q", ...args], { env });
      return (JSON.parse(stdout) as { headers: unknown }).headers;
    };
    expect(await seen([], { HF_TOKEN: "hf_secret" })).toEqual({});
    expect(await seen(["--token", "hf_given"], {})).toEqual({ authorization: "Bearer hf_given" });
  });

  test("a Space gets HF_TOKEN, or what the Hub's token file holds", async () => {
    const dir = await folder();
    await writeFile(join(dir, "token"), "hf_mine\n");
    const hub = { HF_ENDPOINT: await hubUrl() };
    const asked = ["call", "me/private", "/echo", "text=a", "-q"];
    expect(await run(asked, { env: { ...hub, HF_TOKEN: "hf_mine" } })).toMatchObject({ code: 0, stdout: "a\n" });
    expect(await run(asked, { env: { ...hub, HF_TOKEN_PATH: join(dir, "token") } })).toMatchObject({ code: 0 });
    expect(await run(asked, { env: { ...hub, HF_TOKEN_PATH: undefined, HF_HOME: dir } })).toMatchObject({ code: 0 });
    expect(await run(asked, { env: hub })).toMatchObject({ code: 4, stdout: "" });
    await rm(dir, { recursive: true });
  });
});

describe("help", () => {
  test.each(["call", "batch", "info", "typegen", "doctor", "upload", "download", "mcp", "completion"])(
    "%s explains itself with examples",
    async (command) => {
      const { code, stdout, stderr } = await run([command, "--help"]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`Usage: gradio-rx ${command}`);
      expect(stdout).toContain("Examples:\n  $ ");
    },
  );

  test("loads neither the SDK nor MCP", async () => {
    const loads = async (...args: string[]): Promise<string> => {
      const env = { NODE_DEBUG: "esm" };
      return (await run(args, { env })).stderr;
    };
    const help = await loads("call", "--help");
    expect(help).toContain("commander");
    expect(help).not.toMatch(/packages\/(node|core)\/|modelcontextprotocol|log-update|wrap-ansi|csv-parse|@bomb\.sh/);
  });

  test("the version is the package's, and what is mistyped is answered by the closest name", async () => {
    const text = await readFile(new URL("../../packages/cli/package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(text) as { version: string };
    expect(await run(["-V"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
    expect((await run(["typgen"])).stderr).toContain("Did you mean typegen?");
    expect((await run(["typgen"])).stderr).toContain("Run gradio-rx --help");
    expect((await run(["predict"])).stderr).toContain("Run gradio-rx call --help");
    expect((await run(["batch", "a", "b", "--concurency", "2"])).stderr).toContain("Did you mean --concurrency?");
    expect((await run(["batch", "a", "b", "--concurrency", "0"])).stderr).toContain('"0" is not a whole number');
  });
});

test.each(["bash", "zsh", "fish", "powershell"])(
  "%s gets a script that completes commands and options",
  async (shell) => {
    const { code, stdout, stderr } = await run(["completion", shell]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("gradio-rx");
    expect((await run(["complete", "--", "typ"])).stdout).toContain("typegen\t");
    expect((await run(["complete", "--", "typegen", "--ch"])).stdout).toContain("--check\t");
    expect(await run(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
  },
);
