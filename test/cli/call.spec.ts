import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as gr from "@gradio-rx/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { appUrl } from "../contract/place.ts";
import { embedded, hostile, hostileEndpoint, serve } from "./app.ts";
import { run, start } from "./run.ts";
import { Screen } from "./screen.ts";

vi.setConfig({ testTimeout: 60_000 });

const folder = async (): Promise<string> => await mkdtemp(join(tmpdir(), "gradio-rx-"));
const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

describe("data", () => {
  test("values are read by the type of the parameter, and all others as JSON", async () => {
    const { url } = await embedded();
    const asked = [url, "defaults", "text=@not a file", "number=4.5", "flag=false", "choice=c", "level=1"];
    expect(await run(["call", ...asked, "-q"])).toEqual({
      code: 0,
      stdout: "@not a file|4.5|False|c|1\n",
      stderr: "",
    });
    const json = await run(["call", url, "/json", 'value={"a":[1,null]}', "-q"]);
    expect(json).toEqual({ code: 0, stdout: '{\n  "a": [\n    1,\n    null\n  ]\n}\n', stderr: "" });
    expect((await run(["call", url, "json", 'value:="text"', "-q"])).stdout).toBe("text\n");
  });

  test.each([
    ["number=two", 'number is a number, and "two" is not.'],
    ["flag=yes", 'flag is true or false, and "yes" is neither.'],
    ["choice=d", 'choice has no choice "d". It has: a, b, c.'],
    ["txt=a", 'has no parameter "txt". Did you mean "text"?'],
    ["number:={", "The value of number is not valid JSON"],
    ["text", '"text" is not valid data'],
  ])("%j is rejected before a request", async (word, message) => {
    const app = await embedded();
    const { code, stdout, stderr } = await run(["call", app.url, "/defaults", word, "-q"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
    expect(app.count("POST", "/queue/join")).toBe(0);
  });

  test("parameters that are missing are named, with words that pass them", async () => {
    const app = await embedded();
    const asked = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(["call", app.url, ...args, "-q"]);
      expect([code, stdout]).toEqual([2, ""]);
      return stderr;
    };
    expect(await asked("/two")).toBe(
      "error: The parameters text, number of /two are missing. For example: 'text=Hello!!' number=3\n",
    );
    expect(await asked("/two", "text=a")).toBe(
      "error: The parameter number of /two is missing. For example: number=3\n",
    );
    expect(await asked("/file_echo")).toContain("For example: file=@file\n");
    expect(app.count("POST", "/queue/join")).toBe(0);
    expect((await run(["call", app.url, "/two", "text=Hello!!", "number=3", "-q"])).code).toBe(0);
  });

  test("all data is passed as one JSON value, by name or by position, or from stdin", async () => {
    const { url } = await embedded();
    for (const asked of [['{"text":"a","number":2}'], ['["a",2]']])
      expect(JSON.parse((await run(["call", url, "/two", ...asked, "-q"])).stdout)).toEqual(["A", 4]);
    const piped = await run(["call", url, "/two", "-", "-q"], { input: '["b", 3]' });
    expect(JSON.parse(piped.stdout)).toEqual(["B", 6]);
    const twice = await run(["call", url, "/two", "-", "text=a"], { input: "{}" });
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining("stands alone") });
  });

  test("an endpoint is given by its name, with or without the slash, by its index, or omitted if there is only one", async () => {
    const { url } = await serve({ "/greet": (name: string) => `Hello ${name}!` });
    for (const named of [["/greet"], ["greet"], ["0"], []])
      expect((await run(["call", url, ...named, '["Ada"]', "-q"])).stdout).toBe("Hello Ada!\n");
  });

  test("a text is read from a file or from stdin, and lists add up", async () => {
    const path = join(await folder(), "text.txt");
    await writeFile(path, "from\na file");
    const { url } = await embedded();
    expect((await run(["call", url, "/echo", `text@=${path}`, "-q"])).stdout).toBe("from\na file\n");
    expect((await run(["call", url, "/echo", "text@=-", "-q"], { input: "piped" })).stdout).toBe("piped\n");
    const files = await run(["call", url, "/files_info", `files=@${path}`, "files=@-", "-q"], { input: "12345" });
    expect(JSON.parse(files.stdout)).toMatchObject([{ name: "text.txt", size: 11 }, { size: 5 }]);
  });
});

describe("files", () => {
  test("a file parameter takes a path, stdin, or a file in JSON; a text is refused", async () => {
    const path = join(await folder(), "a file.txt");
    await writeFile(path, "12345");
    const app = await embedded();
    const gradio = JSON.stringify({ file: { path, meta: { _type: "gradio.FileData" } } });
    for (const word of [`file=@${path}`, `file:="@${path}"`, JSON.stringify({ file: `@${path}` }), gradio])
      expect(JSON.parse((await run(["call", app.url, "file_info", word, "-q"])).stdout)).toMatchObject({
        name: "a file.txt",
        size: 5,
      });
    const before = app.count("POST", "/upload");
    for (const word of [`file=${path}`, "file=@/nowhere/at/all"])
      expect(await run(["call", app.url, "file_info", word])).toMatchObject({ code: 2, stdout: "" });
    expect(app.count("POST", "/upload")).toBe(before);
  });

  test("a file is printed as its address, which goes into the next call as that very file", async () => {
    const app = await embedded();
    const { stdout } = await run(["call", app.url, "/file_make", "name=a b.txt", "size=7", "-q"]);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gradio_api\/file=\S+\n$/);
    const again = await run(["call", app.url, "/file_info", `file=${stdout.trim()}`, "-q"]);
    expect(JSON.parse(again.stdout)).toMatchObject({ size: 7 });
    expect((await run(["call", app.url, "/files_make", "-q"])).stdout.split("\n")).toHaveLength(3);
  });

  test("--out saves the files of the result inside a folder, and prints their paths", async () => {
    const out = join(await folder(), "new");
    const { url } = await embedded();
    const { stdout } = await run(["call", url, "/file_make", "name=../../evil.txt", "size=7", "--out", out, "-q"]);
    expect(await readdir(out)).toEqual(["evil.txt"]);
    expect(stdout).toBe(`${join(out, "evil.txt")}\n`);
    const json = await run(["call", url, "/files_make", "--out", out, "--json"]);
    const { data } = lines(json.stdout).at(-1) as { data: { localPath: string }[] };
    expect(await Promise.all(data.map(async ({ localPath }) => (await readFile(localPath)).length))).toEqual([1, 2]);
  });

  test("a folder that cannot be written fails the command, and is not reported as a defect", async () => {
    const dir = await folder();
    await writeFile(join(dir, "file"), "");
    const { url } = await embedded();
    const args = ["call", url, "/file_make", "--out", join(dir, "file", "out"), "-q"];
    expect(await run(args)).toEqual({ code: 8, stdout: "", stderr: expect.stringMatching(/^error: ENOTDIR.*\n$/) });
    const json = await run([...args, "--json"]);
    expect(lines(json.stdout).at(-1)).toMatchObject({ type: "error", error: { code: "download" } });
  });

  test("files are uploaded and downloaded by themselves", async () => {
    const dir = await folder();
    const path = join(dir, "a.txt");
    await writeFile(path, "12345");
    const { url } = await embedded();
    const uploaded = await run(["upload", url, path, "-"], { input: "piped" });
    const [first, second] = lines(uploaded.stdout) as { path: string; url: string }[];
    const looked = await run(["call", url, "/file_info", `file:=${JSON.stringify(first)}`, "-q"]);
    expect(JSON.parse(looked.stdout)).toMatchObject({ name: "a.txt", size: 5 });
    const asked = [first!.path, first!.url, JSON.stringify(second)];
    const { stdout } = await run(["download", url, ...asked, "--out", join(dir, "got")]);
    const texts = stdout
      .trimEnd()
      .split("\n")
      .map((one) => readFile(one, "utf8"));
    expect(await Promise.all(texts)).toEqual(["12345", "12345", "piped"]);
    expect(await run(["download", url, "/etc/passwd", "--out", dir])).toMatchObject({ code: 8, stdout: "" });
    expect(await run(["upload", url, "/nowhere"])).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("a pipe", () => {
  test("gets the result alone; stderr gets a line for each new stage and each log", async () => {
    const { url } = await embedded();
    const { stdout, stderr } = await run(["call", url, "/logs", "text=x"]);
    expect(stdout).toBe("x\n");
    expect(stderr).toContain("\nProcessing\n");
    expect(stderr).toContain("info: info x\nwarning: warning x\nsuccess: Good: success x\n");
    expect(stderr).not.toContain("\u001b");
    expect(await run(["call", url, "/none", "-q"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("gets a generator's last output alone, and of an app's words every character", async () => {
    const { url } = await embedded();
    expect((await run(["call", url, "/generate", "text=abc", "-q"])).stdout).toBe("abc\n");
    const rude = await serve({ "/rude": hostileEndpoint() });
    const { stdout } = await run(["call", rude.url, "rude", "x:=1"], { env: { FORCE_COLOR: "1" } });
    expect(stdout).toBe("");
    const told = await run(["call", rude.url, '["a"]', "-q"]);
    expect(JSON.parse(told.stdout)).toEqual([hostile.text, "plain"]);
  });

  test("--json gives each event, then one result or one error, and nothing on stderr", async () => {
    const { url } = await embedded();
    const good = await run(["call", url, "/generate", "text=ab", "--json"]);
    const events = lines(good.stdout) as { type: string }[];
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["status", "data", "data", "status", "result"]),
    );
    expect(events.filter(({ type }) => type === "result")).toEqual([events.at(-1)]);
    expect(await run(["call", url, "/echo", "text=a", "--json", "-v"])).toMatchObject({ code: 0, stderr: "" });
    expect(events.at(-1)).toEqual({ type: "result", data: "ab" });
    expect(good.stderr).toBe("");
    const bad = await run(["call", url, "/fail", "message=no", "--json"]);
    expect(bad).toMatchObject({ code: 1, stderr: "" });
    expect(lines(bad.stdout).at(-1)).toMatchObject({ type: "error", error: { code: "app", message: "no" } });
    for (const args of [
      ["call", url, "/ehco", "--json"],
      ["call", "--json"],
      ["call", url, "/echo", "--jsn", "--json"],
    ]) {
      const unsent = await run(args);
      expect(unsent).toMatchObject({ code: 2, stderr: "" });
      expect(lines(unsent.stdout).at(-1)).toMatchObject({ type: "error", error: { code: "input" } });
    }
  });
});

describe("a terminal", () => {
  test("shows text as it grows, and in the end once", async () => {
    const { url } = await embedded();
    const args = ["call", url, "/generate", "text=growing text", "delay=0.1"];
    const running = start(args, { terminal: ["out", "err"] });
    await running.until("terminal", "gro");
    const { code, terminal } = await running.ended;
    expect(code).toBe(0);
    expect(shown(terminal)).toBe("growing text\n");
  });

  test("shows the stage with its seconds and the app's bars on stderr, and takes them back; logs stay", async () => {
    const { url } = await embedded();
    const running = start(["call", url, "/progress", "steps=1"], { terminal: ["err"] });
    await running.until("terminal", /inner .*\[#+-+\] \d+%.*files/);
    const { stdout, terminal } = await running.ended;
    expect(stdout).toBe("done\n");
    expect(shown(terminal)).toBe("");
    const logged = await start(["call", url, "/logs", "text=x"], { terminal: ["err"] }).ended;
    expect(shown(logged.terminal)).toBe("info: info x\nwarning: warning x\nsuccess: Good: success x\n");
  });

  test("gets several outputs under their labels, and no control character of the app", async () => {
    const { url } = await serve({ "/rude": hostileEndpoint() });
    const { terminal } = await start(["call", url, '["a"]'], { terminal: ["out", "err"], env: { NO_COLOR: "1" } })
      .ended;
    expect(terminal).not.toContain("\u001b[31m");
    expect(terminal).not.toContain("\u0007");
    expect(shown(terminal)).toBe(`info: red tab line\nlabel:\n${hostile.cleaned}\nother:\nplain\n`);
  });

  test("gets colours, but with NO_COLOR; a pipe gets them with FORCE_COLOR alone", async () => {
    const { url } = await embedded();
    const bold = "\u001b[1m/echo";
    const written = async (env: Record<string, string>) =>
      (await start(["info", url, "echo"], { terminal: ["out"], env }).ended).terminal;
    expect(await written({})).toContain(bold);
    expect(await written({ NO_COLOR: "1" })).not.toContain("\u001b");
    expect((await run(["info", url, "echo"])).stdout).not.toContain("\u001b");
    expect((await run(["info", url, "echo"], { env: { FORCE_COLOR: "1" } })).stdout).toContain(bold);
  });

  test("without a cursor (TERM=dumb), and with --quiet, nothing is drawn", async () => {
    const { url } = await embedded();
    const dumb = await start(["call", url, "/generate", "text=abc"], {
      terminal: ["out", "err"],
      env: { TERM: "dumb", NO_COLOR: "1" },
    }).ended;
    expect(dumb.terminal).not.toContain("\u001b");
    expect(dumb.terminal).toMatch(/Processing\r\n.*Generating\r\nabc\r\n$/s);
    const quiet = await start(["call", url, "/generate", "text=abc", "-q"], { terminal: ["err"] }).ended;
    expect(quiet).toMatchObject({ stdout: "abc\n", terminal: "" });
  });
});

/** Returns the final content of a terminal, after it has erased lines. */
function shown(written: string): string {
  const screen = new Screen();
  screen.write(written);
  return screen.text;
}

describe("ends", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s cancels the call at the app", async (signal, code) => {
    const app = await embedded();
    const running = start(["call", app.url, "/watched", "key=k", "steps=1000", "delay=0.02"]);
    await running.until("stderr", "Generating");
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(/\nCancelled\n$/) });
    const record = await run(["call", app.url, "/record", "key=k", "-q"]);
    expect(JSON.parse(record.stdout)).toEqual({ started: 1, finished: 0, stopped: 1 });
  });

  test("Ctrl-C on a terminal cancels the call; nothing of the display stays", async () => {
    const app = await embedded();
    const running = start(["call", app.url, "/watched", "key=k", "steps=1000", "delay=0.02"], {
      terminal: ["in", "out", "err"],
    });
    await running.until("terminal", "Generating");
    running.child.stdin!.write("\u0003");
    const { code, terminal } = await running.ended;
    expect(code).toBe(130);
    expect(shown(terminal).replace("^C", "")).toBe("Cancelled\n");
    const record = await run(["call", app.url, "/record", "key=k", "-q"]);
    expect(JSON.parse(record.stdout)).toMatchObject({ stopped: 1 });
  });

  test("a second signal ends the program at once, also if the app does not answer the cancel", async () => {
    const app = await embedded();
    const proxy = await gr.faultProxy(app.url);
    onTestFinished(() => proxy.close());
    const cancel = { method: "POST", path: "/cancel" };
    proxy.add({ ...cancel, fault: { breaks: { at: "request", how: "stall" } } });
    const running = start(["call", proxy.url, "/watched", "key=k", "steps=1000", "delay=0.02"]);
    await running.until("stderr", "Generating");
    running.child.kill("SIGINT");
    const isAsked = () => proxy.requests.some(({ path }) => path.endsWith(cancel.path));
    await vi.waitFor(() => expect(isAsked()).toBe(true), { timeout: 20_000 });
    running.child.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    expect(code).toBe(143);
    expect(stderr).not.toContain("Cancelled");
  });

  test("a reader of stdout that goes away cancels the call silently", async () => {
    const app = await embedded();
    const running = start(["call", app.url, "/watched", "key=k", "steps=1000", "delay=0.02", "--json"]);
    await running.until("stdout", '"generating"');
    running.child.stdout!.destroy();
    expect(await running.ended).toMatchObject({ code: 141, stderr: "" });
    const record = await run(["call", app.url, "/record", "key=k", "-q"]);
    expect(JSON.parse(record.stdout)).toMatchObject({ stopped: 1 });
  });

  test("the time limit covers the whole command", async () => {
    const app = await embedded();
    const late = await run(["call", app.url, "/watched", "key=k", "steps=1000", "--timeout", "1s", "-q"]);
    expect(late).toMatchObject({ code: 6, stdout: "", stderr: expect.stringContaining("--timeout 1s") });
    for (const wrong of ["soon", "0", "-1"])
      expect(await run(["call", app.url, "/echo", "text=a", `--timeout=${wrong}`])).toMatchObject({ code: 2 });
  });

  test("exit codes depend on the kind of error, and the error says what to do", async () => {
    const full = await serve(
      { "/slow": gr.endpoint({ inputs: [], outputs: [], fn: () => new Promise(() => undefined) }) },
      { maxSize: 1, defaultConcurrencyLimit: 1 },
    );
    const locked = await embedded({ auth: ["user", "p:w"] });
    const app = await embedded();
    const codes = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, stderr } = await run([...args, "-q"]);
      return [code, stderr];
    };
    expect(await codes("call", app.url, "/fail", "message=no")).toEqual([1, "error: no\n"]);
    expect(await codes("call", locked.url, "/echo", "text=a")).toEqual([
      4,
      expect.stringContaining("Pass --auth USER:PASSWORD"),
    ]);
    expect((await codes("call", "http://127.0.0.1:9", "/echo"))[0]).toBe(5);
    expect((await codes("cal", app.url))[1]).toContain("(Did you mean call?)");
    expect((await codes("call", app.url, "/echo", "--quit"))[0]).toBe(2);
    expect((await run([])).code).toBe(2);
    const first = [start(["call", full.url]), start(["call", full.url])];
    await Promise.all(first.map((one) => one.until("stderr", "queue")));
    await vi.waitFor(async () => expect((await codes("call", full.url))[0]).toBe(7), { timeout: 20_000 });
    const login = { env: { GRADIO_AUTH: "user:p:w" } };
    expect(await run(["call", locked.url, "/echo", "text=a", "-q"], login)).toMatchObject({ code: 0, stdout: "a\n" });
    const given = ["call", locked.url, "/headers", "names=x-mine", "-q", "--auth", "user:p:w", "-H", "X-Mine: 1: 2"];
    expect(JSON.parse((await run(given)).stdout)).toMatchObject({ headers: { "x-mine": "1: 2" }, username: "user" });
  });

  test("an app that goes away in the middle of a call is a lost connection, and --resubmit is suggested", async () => {
    const app = await embedded();
    const running = start(["call", app.url, "/watched", "key=k", "steps=1000", "delay=0.02"]);
    await running.until("stderr", "Generating");
    await app.close();
    const { code, stdout, stderr } = await running.ended;
    expect([code, stdout]).toEqual([5, ""]);
    expect(stderr).toMatch(/\nerror: .*\nWith --resubmit /);
  });

  test("a stack is printed with -v alone", async () => {
    const { url } = await embedded();
    expect((await run(["call", url, "/fail"])).stderr).not.toContain("    at ");
    expect((await run(["call", url, "/fail", "-v"])).stderr).toContain("    at ");
  });
});

test("an endpoint whose input is a stream gets one chunk, and gives its last output", async () => {
  const { url } = await serve({
    listen: gr.endpoint({
      inputs: [gr.textbox("chunk")],
      outputs: [gr.textbox("heard")],
      parameters: ["chunk"],
      connection: "stream",
      fn: (chunk: string) => `heard ${chunk}`,
    }),
  });
  expect(await run(["call", url, "listen", "chunk=one", "-q"])).toEqual({ code: 0, stdout: "heard one\n", stderr: "" });
});

test("a call works on real Gradio: values, files, sessions", async () => {
  const url = await appUrl();
  expect(JSON.parse((await run(["call", url, "two", "text=ab", "number=2", "-q"])).stdout)).toEqual(["AB", 4]);
  const counted = async (): Promise<string> =>
    (await run(["call", url, "/counter", "step=2", "--session", "commandlinesession", "-q"])).stdout;
  expect([await counted(), await counted()]).toEqual(["2\n", "4\n"]);
  const piped = await run(["call", url, "/file_info", "file=@-", "-q"], { input: "12345" });
  expect(JSON.parse(piped.stdout)).toMatchObject({ size: 5 });
});
