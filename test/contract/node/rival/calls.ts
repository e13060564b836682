import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as compat from "@gradio-rx/compat";
import { serveApp } from "@gradio-rx/testing";
import { onTestFinished, vi } from "vitest";
import { type Behaviour, connect, connectTo, within } from "./behaviour.ts";

type Job = ReturnType<compat.Client["submit"]>;

async function read(job: Job): Promise<string> {
  const seen: unknown[] = [];
  for await (const event of job) if (event.type === "data") seen.push(event.data[0]);
  return seen.length === 0 ? "ends without an output" : `gives ${seen.map(String).join(", ")}, and ends`;
}

async function ended(job: Job): Promise<string> {
  for await (const event of job) void event;
  return "ends";
}

export const calls: Behaviour[] = [
  {
    situation: "Loop over a call outside of the queue",
    script: async (library) => await within(library, read((await connect(library)).submit("/direct", ["x"]))),
    ours: "gives direct x, and ends",
    theirs: "does not end",
  },
  {
    situation: "Failed call, and the event `status` is not asked for",
    script: async (library) => await within(library, read((await connect(library)).submit("/fail", ["told"]))),
    ours: 'throws "told"',
    theirs: "ends without an output",
  },
  {
    situation: "Last output of a generator",
    script: async (library) => await within(library, read((await connect(library)).submit("/generate", ["ab", 0.01]))),
    ours: "gives a, ab, and ends",
    theirs: "gives a, ab, ab, and ends",
  },
  {
    situation: "Loop over a call that was cancelled before it had an id",
    script: async (library) => {
      const job = (await connect(library)).submit("/infinite", [0.05]);
      void job.cancel();
      return await within(library, ended(job));
    },
    ours: "ends",
    theirs: "does not end",
  },
  {
    situation: "Call that was cancelled while it waited in the queue",
    script: async (library) => {
      const client = await connect(library);
      // One call of this function runs at a time.
      const running = client.submit("/watched_one", ["running", 200, 0.05]);
      await running.next();
      const waiting = client.submit("/watched_one", ["waiting", 3, 0.05]);
      await waiting.wait_for_id();
      void waiting.cancel();
      const said = await within(library, read(waiting));
      await running.cancel();
      return said.startsWith("gives") ? "runs, and gives outputs" : said;
    },
    ours: "ends without an output",
    theirs: "runs, and gives outputs",
  },
  {
    situation: "Running call of a function, after another call of it was cancelled",
    script: async (library) => {
      const client = await connect(library);
      const [one, other] = [client.submit("/infinite", [0.05]), client.submit("/infinite", [0.05])];
      await one.next();
      await other.next();
      void one.cancel();
      const more = async (): Promise<string> => {
        for (let values = 0; values < 40; values++) if ((await other.next()).done) return "ends";
        return "continues";
      };
      const said = await within(library, more());
      await other.cancel();
      return said === "does not end" ? "gives nothing more" : said;
    },
    ours: "continues",
    theirs: "gives nothing more",
  },
  {
    situation: "Event stream that ends without an error",
    script: async (library) => {
      const app = await serveApp({ "/wait": () => new Promise(() => undefined), "/greet": () => "Hello" });
      onTestFinished(() => app.close());
      const client = await connectTo(library, app.url, { events: ["data", "status"] });
      const job = client.submit("/wait");
      const last = within(
        library,
        (async () => {
          let status: unknown;
          for await (const event of job) status = event;
          const { stage, broken } = status as { stage: string; broken?: boolean };
          return `${stage}, broken: ${broken === true}`;
        })(),
      );
      await vi.waitFor(
        () => {
          if (app.running !== 1 || app.openStreams !== 1) throw new Error("The call does not run yet.");
        },
        { timeout: 20_000 },
      );
      app.dropStreams({ clean: true });
      return await last;
    },
    ours: "error, broken: true",
    theirs: "does not end",
  },
  {
    situation: "Call after the app was restarted during another call",
    script: async (library) => {
      const endpoints = { "/wait": () => new Promise(() => undefined), "/greet": () => "Hello" };
      const app = await serveApp(endpoints);
      const client = await connectTo(library, app.url, { events: ["data", "status"] });
      const job = within(library, ended(client.submit("/wait")));
      await vi.waitFor(
        () => {
          if (app.running !== 1 || app.openStreams !== 1) throw new Error("The call does not run yet.");
        },
        { timeout: 20_000 },
      );
      await app.close();
      const next = await serveApp(endpoints, { port: Number(new URL(app.url).port) });
      onTestFinished(() => next.close());
      await job;
      return await within(
        library,
        client.predict<[string]>("/greet").then(({ data }) => `gives ${data[0]}`),
      );
    },
    ours: "gives Hello",
    theirs: "does not end",
  },
  {
    situation: "Call after `close()`",
    script: async (library) => {
      const client = await connect(library);
      client.close();
      return await within(
        library,
        client.predict<[string]>("/echo", ["x"]).then(({ data }) => `gives ${data[0]}`),
      );
    },
    ours: 'throws "The client is closed."',
    theirs: "gives x",
  },
  {
    situation: "Values of a stream that were received before",
    script: async (library) => {
      const client = await connect(library);
      const received: { value: unknown; text: string }[] = [];
      for await (const event of client.submit("/chat", ["hello", []]))
        if (event.type === "data") received.push({ value: event.data, text: JSON.stringify(event.data) });
      const isSame = received.every(({ value, text }) => JSON.stringify(value) === text);
      return isSame ? "stay as they are" : "change with later ones";
    },
    ours: "stay as they are",
    theirs: "change with later ones",
  },
  {
    situation: "Data of the caller after a call with a file",
    script: async (library) => {
      const data: unknown[] = [new File(["hello"], "a.txt")];
      await (await connect(library)).predict("/file_echo", data);
      return data[0] instanceof File ? "is unchanged" : "is replaced";
    },
    ours: "is unchanged",
    theirs: "is replaced",
  },
  {
    situation: "Name of a file that was given by its path",
    script: async (library) => {
      const folder = await mkdtemp(join(tmpdir(), "gradio-rx-"));
      onTestFinished(() => rm(folder, { recursive: true }));
      const path = join(folder, "report.txt");
      await writeFile(path, "hello");
      const client = await connect(library);
      const given = library.handle_file(path);
      const { data } = await client.predict<[{ orig_name: string }]>("/file_echo", [given]);
      return data[0].orig_name;
    },
    ours: "report.txt",
    theirs: "blob",
  },
  {
    situation: "Data by position, with parameters left out",
    script: async (library) =>
      await within(
        library,
        (await connect(library))
          .predict("/defaults", [])
          .then(({ data }) => (data as string[])[0]!.replaceAll("|", " ")),
      ),
    ours: "hello 3 True b 0.5",
    theirs: 'throws "An error occurred"',
  },
  {
    situation: "Data by name for a function that was given by its index",
    script: async (library) => {
      const client = await connect(library);
      const { id } = client.config!.dependencies.find((one) => one.api_name === "echo")!;
      return await within(
        library,
        client.predict(id, { text: "x" }).then(({ data }) => String((data as string[])[0])),
      );
    },
    ours: "x",
    theirs: 'throws "Parameter `text` is not a valid keyword argument. Please refer to the API for usage."',
  },
];
