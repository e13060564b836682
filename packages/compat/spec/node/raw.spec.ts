import { createApp, endpoint, file, number, state, textbox, update } from "@gradio-rx/testing";
import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { AppError, CancelledError, Client, InputError } from "@gradio-rx/core";
import { RawApp, type RawMessage } from "@gradio-rx/core/raw";

type Sent = Exclude<RawMessage, { kind: "accepted" }>;

/** Connects to an app in memory. */
async function open(endpoints: Parameters<typeof createApp>[0]): Promise<{ raw: RawApp; client: Client }> {
  const app = createApp(endpoints, { showError: true });
  const client = await Client.connect(app.url, { transport: app.transport });
  return { raw: new RawApp(client), client };
}

/** Returns the data as it is. */
const asGiven = (_: unknown, data: unknown): readonly unknown[] => data as unknown[];

async function messages(raw: RawApp, named: string | number, data: unknown[]): Promise<Sent[]> {
  const run = raw.call({ endpoint: named, data, arrange: asGiven });
  const all = await lastValueFrom(run.messages$.pipe(toArray()));
  return all.filter((message) => message.kind !== "accepted");
}

test("a raw call takes every input and returns every output, with states and whole component updates", async () => {
  const count = state(0);
  const { raw } = await open({
    "/add": endpoint({
      inputs: [number("step"), count],
      outputs: [textbox("text"), count],
      fn: (step: number, sum: number) => [update({ value: String(step + sum), label: "Sum" }), sum + step],
      apiVisibility: "private",
    }),
  });
  const last = (await messages(raw, "/add", [2, null])).at(-1)!;
  expect(last.kind).toBe("process_completed");
  expect(last.outputs).toEqual([expect.objectContaining({ __type__: "update", value: "2", label: "Sum" }), null]);
  expect(raw.find("add")).toMatchObject({ visibility: "private", outputs: 2, visible: [0] });
});

test("outputs of a generator are whole, and each message has its source", async () => {
  const { raw } = await open({
    *"/write"() {
      yield "a";
      yield "ab";
    },
  });
  const sent = (await messages(raw, 0, [])).filter(({ kind }) => kind.startsWith("process_"));
  expect(sent.map(({ outputs }) => outputs?.[0])).toEqual([undefined, "a", "ab", "ab"]);
  expect(sent.map(({ source }) => source["msg"])).toEqual(sent.map(({ kind }) => kind));
});

test("a failed function's message comes before the typed error, and an unknown function sends nothing", async () => {
  const { raw } = await open({
    "/fail": () => {
      throw new Error("no");
    },
  });
  const kinds: string[] = [];
  const run = raw.call({ endpoint: "/fail", data: [], arrange: asGiven });
  const error: unknown = await new Promise((resolve) =>
    run.messages$.subscribe({ next: ({ kind }) => void kinds.push(kind), error: resolve }),
  );
  expect(error).toBeInstanceOf(AppError);
  expect(kinds.at(-1)).toBe("process_completed");
  await expect(messages(raw, "/other", [])).rejects.toThrow(InputError);
});

test("files in the data are uploaded, and files in outputs are replaced", async () => {
  const { raw } = await open({
    "/copy": endpoint({ inputs: [file("in")], outputs: [file("out")], fn: (one: File) => one }),
  });
  const [out] = (await messages(raw, "/copy", [new File(["hello"], "a.txt")])).at(-1)!.outputs!;
  const url = raw.replaceFiles({ out }, "file", (one) => ({ address: one.url })) as { out: { address: string } };
  expect(new URL(url.out.address).origin).toBe(raw.url.origin);
  const answer = await raw.fetch(url.out.address);
  expect(await new Response(answer.body as ReadableStream).text()).toBe("hello");
});

test("cancel and close end a raw call, and a status is an answer for fetch", async () => {
  const { raw, client } = await open({ "/wait": () => new Promise(() => undefined) });
  expect((await raw.fetch("missing")).status).toBe(404);
  const cancelled = raw.call({ endpoint: 0, data: [], arrange: asGiven });
  const closed = raw.call({ endpoint: 0, data: [], arrange: asGiven });
  const ends = [cancelled, closed].map(({ messages$ }) => lastValueFrom(messages$).catch((error: unknown) => error));
  await cancelled.cancel();
  await client.close();
  for (const end of await Promise.all(ends)) expect(end).toBeInstanceOf(CancelledError);
});

test("several files are uploaded in one request", async () => {
  const { raw } = await open({
    "/copy": endpoint({ inputs: [file("in")], outputs: [file("out")], fn: (one: File) => one }),
  });
  const files = ["a", "b"].map((name) => ({ name, blob: new Blob([name]) }));
  expect(await raw.upload(files, "id")).toHaveLength(2);
});
