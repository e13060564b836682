import { Client, FileData } from "@gradio-rx/compat";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "../place.ts";

async function connect(options?: Parameters<typeof Client.connect>[1]): Promise<Client> {
  const client = await Client.connect(await appUrl(), options);
  onTestFinished(() => client.close());
  return client;
}

test("a page calls an app with the interface of @gradio/client", async () => {
  const client = await connect({ events: ["data", "status"], credentials: "same-origin" });
  expect((await client.predict("/two", { text: "text", number: 5 })).data).toEqual(["TEXT", 10]);
  const events = [];
  for await (const event of client.submit("/generate", ["abc", 0.01])) events.push(event);
  expect(events.flatMap((event) => (event.type === "data" ? event.data : []))).toEqual(["a", "ab", "abc"]);
  expect(events.at(-1)).toMatchObject({ type: "status", stage: "complete" });
}, 60_000);

test("a page uploads a file and reads it by its address", async () => {
  const client = await connect();
  const { data } = await client.predict<[FileData]>("/file_echo", [new File(["hello"], "a.txt")]);
  expect(await (await fetch(data[0].url!)).text()).toBe("hello");
}, 60_000);

test("a page cancels a call that never ends", async () => {
  const client = await connect();
  const job = client.submit("/infinite", [0.05]);
  await job.next();
  await job.cancel();
  expect((await client.predict("/echo", ["x"])).data).toEqual(["x"]);
}, 60_000);
