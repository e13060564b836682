import * as rival from "@gradio/client";
import * as compat from "@gradio-rx/compat";
import { expect, onTestFinished, test, vi } from "vitest";
import { appUrl } from "../place.ts";

/** The part of both packages that the scripts use. */
type Package = typeof compat;
type Options = Parameters<typeof compat.Client.connect>[1];

/** Connects with a package; the client is closed when the test ends. */
async function connect({ Client }: Package, options?: Options): Promise<compat.Client> {
  const client = await Client.connect(await appUrl(), options);
  onTestFinished(() => client.close());
  return client;
}

/** Returns the outputs of a call, and the message of its error. */
async function read(client: compat.Client, endpoint: string, data: unknown[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const event of client.submit(endpoint, data)) if (event.type === "data") seen.push(event.data[0]);
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

/** Returns the message of the error of a predict. */
async function refusal(client: compat.Client, endpoint: string, data: unknown[]): Promise<string> {
  return await client.predict(endpoint, data).then(
    () => "resolved",
    (error: Error) => error.message,
  );
}

interface Row {
  script: (library: Package) => Promise<unknown>;
  /** Value that this package gives. */
  ours: unknown;
  /** Value that `@gradio/client` gives, where it differs. */
  theirs?: unknown;
}

const rows: Record<string, Row> = {
  "the outputs of predict are a list": {
    script: async (library) => (await (await connect(library)).predict("/two", ["text", 5])).data,
    ours: ["TEXT", 10],
  },
  "data by name is filled up with defaults": {
    script: async (library) => (await (await connect(library)).predict("/defaults", { number: 4 })).data,
    ours: ["hello|4|True|b|0.5"],
  },
  "the last output of a generator arrives once": {
    script: async (library) => await read(await connect(library), "/generate", ["ab", 0.01]),
    ours: ["a", "ab"],
    theirs: ["a", "ab", "ab"],
  },
  "the error of predict has the fields of the status": {
    script: async (library) => {
      const client = await connect(library);
      const error: unknown = await client.predict("/fail", ["told"]).catch((reason: unknown) => reason);
      const { time, ...fields } = error as Record<string, unknown>;
      return { isError: error instanceof Error, isDated: time instanceof Date, ...fields, cause: undefined };
    },
    ours: {
      isError: true,
      isDated: true,
      type: "status",
      endpoint: "/fail",
      fn_index: expect.any(Number),
      queue: true,
      stage: "error",
      success: false,
      title: "Error",
      visible: true,
      duration: 10,
    },
  },
  "view_api describes the documented endpoints, and has hidden states in the places of inputs": {
    script: async (library) => {
      const { named_endpoints: named } = await (await connect(library)).view_api();
      const states = named["/counter"]!.parameters as { component: string; hidden?: boolean }[];
      return [
        "/undocumented" in named,
        "/private" in named,
        "/echo" in named,
        states.map(({ component, hidden }) => `${component}${hidden ? ", hidden" : ""}`),
      ];
    },
    ours: [false, false, true, ["Number", "state, hidden"]],
  },
  "view_api names the types of files": {
    script: async (library) => {
      const { named_endpoints: named } = await (await connect(library)).view_api();
      return ["/image_flip", "/file_info", "/files_info", "/chat"].map((name) => named[name]!.parameters.at(-1)!.type);
    },
    ours: ["Blob | File | Buffer", "Blob | File | Buffer", "(Blob | File | Buffer)[]", "any"],
    theirs: ["Blob | File | Buffer", "", "", ""],
  },
  "a failure is an error of the loop where statuses are not read": {
    script: async (library) => await read(await connect(library), "/fail", ["told"]),
    ours: ["told"],
    theirs: [],
  },
  "the error of predict has the app's message": {
    script: async (library) => await refusal(await connect(library), "/fail", ["told"]),
    ours: "told",
  },
  "private functions can be called by index, in the name of the app's page": {
    script: async (library) => {
      const client = await connect(library);
      const { id } = client.config!.dependencies.find((one) => one.api_name === "private")!;
      const job = client.submit(id, ["x"], null, null, false, { "x-gradio-user": "app" });
      const { value } = await job.next();
      return (value as { data: unknown }).data;
    },
    ours: ["private x"],
  },
  "states are left out": {
    script: async (library) => (await (await connect(library)).predict("/counter", [2, null])).data,
    ours: [2],
  },
  "states are in place with with_null_state": {
    script: async (library) => {
      const client = await connect(library, { with_null_state: true });
      return (await client.predict("/counter", [2])).data;
    },
    ours: [2, null],
  },
  "a component update stays whole": {
    script: async (library) => (await (await connect(library)).predict("/update", ["x"])).data,
    ours: [expect.objectContaining({ __type__: "update" })],
  },
  "statuses begin with pending and end with complete": {
    script: async (library) => {
      const stages: string[] = [];
      const client = await connect(library, { events: ["status"] });
      for await (const event of client.submit("/echo", ["x"])) if (event.type === "status") stages.push(event.stage);
      return [stages[0], stages.at(-1)];
    },
    ours: ["pending", "complete"],
  },
  "status_callback receives an error where an app cannot be loaded": {
    script: async ({ Client }) => {
      const told: unknown[] = [];
      const connecting = Client.connect("http://127.0.0.1:1", { status_callback: (status) => void told.push(status) });
      await connecting.catch(() => undefined);
      return told;
    },
    ours: [{ status: "error", load_status: "error", detail: "NOT_FOUND", message: expect.any(String) }],
  },
  "a file has an absolute address": {
    script: async (library) => {
      const client = await connect(library);
      const { data } = await client.predict<[{ url: string; orig_name: string }]>("/file_make", ["a.txt", 10]);
      const [file] = data;
      return [file.orig_name, (await (await fetch(file.url)).text()).length];
    },
    ours: ["a.txt", 10],
  },
};

const libraries = [
  ["compat", compat],
  ["@gradio/client", rival],
] as const;

test.each(Object.entries(rows))(
  "%s",
  async (_, { script, ours, theirs = ours }) => {
    const silent = [vi.spyOn(console, "error"), vi.spyOn(console, "warn"), vi.spyOn(console, "log")];
    for (const spy of silent) spy.mockImplementation(() => undefined);
    onTestFinished(() => silent.forEach((spy) => spy.mockRestore()));
    const seen: Record<string, unknown> = {};
    for (const [name, library] of libraries) seen[name] = await script(library);
    expect(seen).toEqual({ compat: ours, "@gradio/client": theirs });
  },
  60_000,
);
