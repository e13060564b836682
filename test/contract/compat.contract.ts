import { Client, type FileData } from "@gradio-rx/compat";
import { expect, onTestFinished, test } from "vitest";
import { appUrl } from "./place.ts";

async function connect(options?: Parameters<typeof Client.connect>[1]): Promise<Client> {
  const client = await Client.connect(await appUrl(), options);
  onTestFinished(() => client.close());
  return client;
}

test("every version of Gradio is called with the interface of @gradio/client", async () => {
  const client = await connect({ events: ["data", "status"] });
  expect((await client.predict("/two", ["text", 5])).data).toEqual(["TEXT", 10]);
  const events = [];
  for await (const event of client.submit("/generate", ["ab", 0.01])) events.push(event);
  expect(events.flatMap((event) => (event.type === "data" ? event.data : []))).toEqual(["a", "ab"]);
  expect(events[0]).toMatchObject({ type: "status", stage: "pending" });
  expect(events.at(-1)).toMatchObject({ type: "status", stage: "complete" });
  await expect(client.predict("/fail", ["told"])).rejects.toMatchObject({ message: "told", stage: "error" });
});

test("every version of Gradio receives and sends files with the interface of @gradio/client", async () => {
  const client = await connect();
  const { data } = await client.predict<[FileData]>("/file_echo", [new File(["hello"], "a.txt")]);
  expect(data[0]).toMatchObject({ meta: { _type: "gradio.FileData" } });
  expect(await (await client.fetch(data[0].url!)).text()).toBe("hello");
});

test("every version of Gradio keeps the state of a client and cancels its calls", async () => {
  const client = await connect();
  expect((await client.predict("/counter", [2])).data).toEqual([2]);
  expect((await client.predict("/counter", [3])).data).toEqual([5]);
  const job = client.submit("/infinite", [0.05]);
  await job.next();
  await job.cancel();
  expect((await client.predict("/echo", ["x"])).data).toEqual(["x"]);
});
