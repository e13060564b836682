import { InputError } from "#sdk";
import { expect, test } from "vitest";
import { byName, called, holds } from "./differences.ts";
import { connect, errorOf } from "./place.ts";

/** Positional arguments, for apps that do not send parameter names. */
const nameless = holds("the app sends no names and defaults of parameters");

const spied = async () => {
  let requests = 0;
  const client = await connect({
    fetch: (request) => {
      requests++;
      return fetch(request);
    },
  });
  requests = 0;
  return { client, requests: () => requests };
};

test("an endpoint is found by its API name, with or without the slash, or by its index", async () => {
  const client = await connect();
  const { index } = client.endpoints.find((one) => one.name === "/two")!;
  for (const name of ["/two", "two", index]) expect(await client.predict(name, ["ab", 2])).toEqual(["AB", 4]);
});

test("index 0 is an endpoint like any other", async () => {
  const client = await connect();
  const job = client.submit(0, byName({ text: "first" }));
  expect(await job.result()).toBe("first");
  expect(job.endpoint).toBe("/echo");
});

test("arguments are passed by position, or by name in any order", async () => {
  const client = await connect();
  expect(await client.predict("/two", ["ab", 2])).toEqual(["AB", 4]);
  const byNames = client.predict("/two", { number: 2, text: "ab" });
  if (nameless) expect((await errorOf(byNames)).message).toContain("by position");
  else expect(await byNames).toEqual(["AB", 4]);
});

test("defaults are filled in, in both forms, and where an argument is undefined", async () => {
  const client = await connect();
  if (nameless) {
    for (const data of [undefined, [], ["x", undefined, false]]) {
      const error = await errorOf(client.predict("/defaults", data));
      expect(error).toBeInstanceOf(InputError);
      expect(error.message).toMatch(/Argument [01] .* is missing/);
    }
    return;
  }
  expect(await client.predict("/defaults")).toBe("hello|3|True|b|0.5");
  expect(await client.predict("/defaults", [])).toBe("hello|3|True|b|0.5");
  expect(await client.predict("/defaults", {})).toBe("hello|3|True|b|0.5");
  expect(await client.predict("/defaults", ["x", undefined, false])).toBe("x|3|False|b|0.5");
  expect(await client.predict("/defaults", { flag: false, level: 0.25, text: undefined })).toBe("hello|3|False|b|0.25");
});

test("falsy values are sent as they are", async () => {
  const client = await connect();
  const falsy = { text: "", number: 0, flag: false, choice: "b", level: 0 };
  expect(await client.predict("/defaults", byName(falsy))).toBe("|0|False|b|0");
});

test("an endpoint that the app does not show can be called by name and by index", async () => {
  const client = await connect();
  expect(await client.predict("/undocumented", ["x"])).toBe("undocumented x");
  expect(await client.predict("/undocumented", byName({ text: "y" }))).toBe("undocumented y");
});

test("wrong calls are rejected before a request, and the error names endpoint, parameter and the closest match", async () => {
  const { client, requests } = await spied();
  const cases: [unknown[], string[]][] = [
    [
      ["/ehco", ["x"]],
      ["/ehco", 'Did you mean "/echo"?'],
    ],
    [[12_345, []], ["12345"]],
    [
      ["/private", ["x"]],
      ["/private", "private"],
    ],
    [["/echo"], ["/echo", called("text"), "missing"]],
    [
      ["/two", ["x"]],
      ["/two", called("number"), "missing"],
    ],
    [
      ["/echo", ["x", "y"]],
      ["/echo", "1 argument", "2"],
    ],
    [
      ["/two", { text: "x", numbr: 1 }],
      ["/two", ...(nameless ? ["by position"] : ['"numbr"', 'Did you mean "number"?'])],
    ],
    [
      ["/echo", "x"],
      ["/echo", "array", "object"],
    ],
    [["/echo", 5], ["/echo"]],
    [[["x"]], ["Name the endpoint"]],
    [[{ text: "x" }], ["Name the endpoint"]],
    [
      ["/counter", [1, 2]],
      ["/counter", "1 argument"],
    ],
    [
      ["/counter", { step: 1, count: 5 }],
      ["/counter", nameless ? "by position" : '"count"'],
    ],
  ];
  for (const [call, words] of cases) {
    const error = await errorOf(client.predict(...(call as [string, unknown[]])));
    expect(error, JSON.stringify(call)).toBeInstanceOf(InputError);
    for (const word of words) expect(error.message).toContain(word);
  }
  expect(requests()).toBe(0);
});

test("values that JSON cannot represent are rejected before a request, and the error names their path", async () => {
  const { client, requests } = await spied();
  const cycle: Record<string, unknown> = { name: "c" };
  cycle["self"] = { again: cycle };
  const cases: [unknown, string][] = [
    [() => 1, "function"],
    [Symbol("s"), "symbol"],
    [Number.NaN, "NaN"],
    [Infinity, "Infinity"],
    [{ a: [0, { b: -Infinity }] }, ".a[1].b"],
    [cycle, ".self.again"],
    [new Map([["a", 1]]), "Map"],
    [{ list: [1, NaN] }, ".list[1]"],
  ];
  for (const [value, word] of cases) {
    const error = await errorOf(client.predict("/echo", [value]));
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(word);
    expect(error.message).toContain(`${called("text")} of /echo`);
  }
  expect(requests()).toBe(0);
});

test("unknown or invalid options of a call are reported by its promise, job and Observable", async () => {
  const { client, requests } = await spied();
  const wrong: object[] = [
    { timout: 5 },
    { timeout: -1 },
    { startTimeout: "soon" },
    { idleTimeout: Number.NaN },
    { keepOutputs: 1.5 },
    { isolate: "yes" },
    { onData: 5 },
    { signal: {} },
    { headers: { "bad name": "x" } },
  ];
  for (const options of wrong) {
    expect(await errorOf(client.predict("/echo", ["x"], options)), JSON.stringify(options)).toBeInstanceOf(InputError);
    const job = client.submit("/echo", ["x"], options);
    expect(job.done).toBe(true);
    expect(job.status().stage).toBe("error");
  }
  expect((await errorOf(client.predict("/echo", ["x"], { timout: 5 } as object))).message).toContain(
    'Did you mean "timeout"?',
  );
  expect(requests()).toBe(0);
});

test("isolate is rejected for an endpoint with state", async () => {
  const client = await connect();
  const error = await errorOf(client.predict("/counter", [1], { isolate: true }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("state");
});

test("the caller's data is not modified, and modifying it after the call has no effect", async () => {
  const client = await connect();
  const list = [{ deep: [1, 2] }];
  const data = { value: { list } };
  const before = structuredClone(data);
  const job = client.submit("/json", byName(data));
  list.push({ deep: [3] });
  expect(await job.result()).toEqual(before.value);
  list.pop();
  expect(data).toEqual(before);
  const blob = new Blob(["x"]);
  const files = [blob];
  await client.predict("/file_info", files);
  expect(files[0]).toBe(blob);
});

test("state is neither passed nor returned, but kept by the server", async () => {
  const client = await connect();
  expect(await client.predict("/counter", [2])).toBe(2);
  expect(await client.predict("/counter", byName({ step: 3 }))).toBe(5);
  const other = await connect();
  expect(await other.predict("/counter", [1])).toBe(1);
});

test("one output is returned as is, several as an array, and no output as null", async () => {
  const client = await connect();
  expect(await client.predict("/echo", ["x"])).toBe("x");
  expect(await client.predict("/two", ["x", 1])).toEqual(["X", 2]);
  expect(await client.predict("/none")).toBeNull();
  expect(await client.predict("/nothing_in")).toBe("pong");
});

test("unusual texts arrive unchanged", async () => {
  const client = await connect();
  for (const text of [
    "",
    "ünïcødé ✓ 🎉",
    "line\nbreak\r\n\u2028",
    'quote " back \\ slash',
    "data: x\n\n",
    "\u0000",
    "__proto__",
  ])
    expect(await client.predict("/echo", [text])).toBe(text);
});

test("a key named __proto__ is a key like any other", async () => {
  const client = await connect();
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as object;
  const seen = await client.predict<object>("/json", [value]);
  expect(Object.keys(seen).toSorted()).toEqual(["__proto__", "a"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});
