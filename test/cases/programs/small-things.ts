// Addresses with two slashes, a user and a password; errors of apps with many endpoints; a client and a job on the console.
import { match, ok, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Client } from "@gradio-rx/node";
import { serveApp } from "@gradio-rx/testing";

const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`/endpoint_${index}`, () => index]));
await using app = await serveApp({ "/greet": (name: string) => `Hello ${name}`, ...many });
await using client = await Client.connect(`${app.url}//`);

const error = await client.predict("/nothing_like_it").catch((thrown: Error) => thrown);
ok(error instanceof Error && error.message.length < 2_000);

const job = client.submit("/greet", ["Ada"]);
strictEqual(await job.result(), "Hello Ada");
match(inspect(job), /^Job .*complete/);
match(inspect(client), /^Client <http/);

const seen = new Set<string | undefined>();
const { port } = new URL(app.url);
const front = createServer((incoming, outgoing) => {
  const { method, headers, url } = incoming;
  seen.add(headers.authorization);
  const onward = send({ host: "127.0.0.1", port, path: url, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
}).listen(0, "127.0.0.1");
await once(front, "listening");
const address = `http://ada:secret@127.0.0.1:${(front.address() as AddressInfo).port}`;
const authorized = await Client.connect(address);
strictEqual([...seen].join(), `Basic ${btoa("ada:secret")}`);
await authorized.close();
front.closeAllConnections();
front.close();
