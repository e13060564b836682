import { CancelledError, Client, InputError } from "#sdk";
import { expect, test } from "vitest";
import { appUrl, collect, connect as connectTo, errorOf, until } from "../place.ts";

const connect = (options: Parameters<typeof connectTo>[0] = {}): Promise<Client> => connectTo(options, "rest");
const names = (client: Client): string[] => client.endpoints.map(({ name }) => name);

/** Creates a bitmap of one colour with a number of pixels. */
function image(width: number, height: number): Blob {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = new DataView(new ArrayBuffer(54 + row * height));
  bytes.setUint16(0, 0x424d);
  bytes.setUint32(2, bytes.byteLength, true);
  bytes.setUint32(10, 54, true);
  bytes.setUint32(14, 40, true);
  bytes.setInt32(18, width, true);
  bytes.setInt32(22, height, true);
  bytes.setUint16(26, 1, true);
  bytes.setUint16(28, 24, true);
  return new File([bytes.buffer], "frame.bmp", { type: "image/bmp" });
}

test("rendered endpoints can be called until they are rendered again", async () => {
  const client = await connect();
  const before = names(client);
  expect(before).not.toContain("/shout_0");
  await client.predict("/apply", [2]);
  expect(names(client)).toEqual([...before, "/shout_0", "/shout_1"]);
  expect(await client.predict("/shout_1", ["hey"])).toBe("1: HEY");
  await client.predict("/apply", [1]);
  const anew = names(client).filter((name) => !before.includes(name));
  expect(anew).toHaveLength(1);
  expect(await client.predict(anew[0]!, ["hey"])).toBe("0: HEY");
});

test("rendered endpoints belong to the session: another client does not have them, nor this one after a reset", async () => {
  const client = await connect();
  await client.predict("/apply", [1]);
  expect(names(client)).toContain("/shout_0");
  expect(names(await connect())).not.toContain("/shout_0");
  await client.resetSession();
  expect(names(client)).not.toContain("/shout_0");
  expect(await errorOf(client.predict("/shout_0", ["hey"]))).toBeInstanceOf(InputError);
});

test("a streaming input accepts chunk after chunk, and the call ends with the last output", async () => {
  const client = await connect();
  const job = client.submit<string>("/watch", [image(1, 1)]);
  // The app uses the newest chunk only, so each chunk is sent after the output of the one before.
  const seen = (count: number): Promise<void> => until(() => (job.outputs().at(-1) ?? "").split(" ").length === count);
  await seen(1);
  await job.send(image(2, 1));
  await seen(2);
  await job.send([image(3, 1)]);
  await seen(3);
  await job.send({ image: image(4, 1) });
  await seen(4);
  await job.end();
  expect(await job.result()).toBe("1x1 2x1 3x1 4x1");
  expect(await collect(job.values())).toEqual(["1x1", "1x1 2x1", "1x1 2x1 3x1", "1x1 2x1 3x1 4x1"]);
  expect(await errorOf(job.send(image(5, 1)))).toBeInstanceOf(InputError);
  expect(await errorOf(job.end())).toBeInstanceOf(InputError);
});

test("chunks can be sent before the app has accepted the call", async () => {
  const client = await connect();
  const job = client.submit<string>("/watch", [image(1, 1)]);
  const sent = job.send(image(2, 1));
  const ended = job.end();
  expect(await errorOf(job.send(image(3, 1)))).toBeInstanceOf(InputError);
  await Promise.all([sent, ended]);
  await job.result();
  expect(job.status().stage).toBe("complete");
});

test("the app's time limit ends a stream; its status says how long it may run", async () => {
  const client = await connect();
  const job = client.submit<string>("/watch_briefly", [image(1, 1)]);
  expect(await job.result()).toBe("1x1");
  expect(job.status().timeLimit).toBeGreaterThan(0);
  expect(job.status().timeLimit).toBeLessThanOrEqual(1_000);
  expect(await errorOf(job.send(image(2, 1)))).toBeInstanceOf(InputError);
});

test("a chunk that cannot be sent is rejected, and the stream continues", async () => {
  const client = await connect();
  const job = client.submit<string>("/watch", [image(1, 1)]);
  const error = await errorOf(job.send(["no file"]));
  expect(error).toBeInstanceOf(InputError);
  await job.send(image(2, 1));
  await until(() => job.outputs().at(-1)?.endsWith("2x1") === true);
  await job.end();
  expect(await job.result()).toMatch(/2x1$/);
});

test("only an endpoint with a streaming input accepts chunks, and a cancelled call accepts no more", async () => {
  const client = await connect();
  const plain = client.submit("/greet", ["you"]);
  expect(await errorOf(plain.send("more"))).toBeInstanceOf(InputError);
  expect(await errorOf(plain.end())).toBeInstanceOf(InputError);
  const job = client.submit("/watch", [image(1, 1)]);
  await job.cancel();
  expect(await errorOf(job.result())).toBeInstanceOf(CancelledError);
  expect(await errorOf(job.send(image(1, 1)))).toBeInstanceOf(InputError);
});

test("a chunk with a file that was not uploaded when the call was cancelled is rejected with the error of the call", async () => {
  const client = await connect();
  const job = client.submit("/watch", [image(1, 1)]);
  const sent = job.send(image(2, 1));
  await job.cancel();
  expect(await errorOf(sent)).toBeInstanceOf(CancelledError);
  expect(await errorOf(sent)).toBe(await errorOf(job.result()));
});

test("event data and the id of the triggering component reach the function", async () => {
  const client = await connect();
  const components = client.config["components"] as { id: number; type: string; props: { value?: unknown } }[];
  const button = components.find(({ type, props }) => type === "button" && props.value === "greet")!;
  const options = { eventData: { index: 3, value: "ä" }, triggerId: button.id };
  const seen = await client.predict("/selected", ["text"], options);
  expect(seen).toEqual({ text: "text", data: { index: 3, value: "ä" }, target: "greet" });
});

test("only a function with a Hub login receives the caller's token", async () => {
  const client = await connect({ oauthToken: "hf_of_the_caller" });
  expect(await client.predict("/greet", ["you"])).toBe("you, logged in");
  expect(await (await connect()).predict("/greet", ["you"])).toBe("you, a stranger");
});

test("a client of one page has only the endpoints of that page", async () => {
  expect(names(await connect())).toEqual(expect.arrayContaining(["/greet", "/on_second"]));
  const second = await connect({ page: "second" });
  expect(await second.predict("/on_second", ["text"])).toBe("second text");
});

test("a saved state is found by its id; an unknown id is not an error", async () => {
  const client = await connect();
  await client.predict("/greet", ["you"]);
  const saved = await fetch(`${await appUrl("rest")}/gradio_api/deep_link?session_hash=${client.sessionHash}`);
  const deepLink = (await saved.json()) as string;
  const states = await Promise.all([deepLink, "nonsense"].map(async (id) => (await connect({ deepLink: id })).config));
  expect(states.map((config) => config["deep_link_state"])).toEqual(["valid", "invalid"]);
});

test("integers beyond 2^53 are exact: a bigint in the data always, one in an output with the option bigints", async () => {
  const large = 1_798_406_481_619_217_041n;
  const client = await connectTo();
  const exact = await connectTo({ bigints: true });
  const data = { value: { seed: large, small: 7, negative: -large, text: String(large) } };
  expect(await exact.predict("/json", data)).toEqual(data.value);
  expect(await client.predict("/json", data)).toEqual({
    ...data.value,
    seed: Number(large),
    negative: -Number(large),
  });
});
