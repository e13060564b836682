// Blobs, Files and buffers of another realm or library are files, too.
import { strictEqual } from "node:assert/strict";
import vm from "node:vm";
import { Client } from "@gradio-rx/node";
import { endpoint, file, number, serveApp } from "@gradio-rx/testing";

/** A Blob that is not an instance of the platform's class, as those of jsdom and formdata-node. */
class OtherBlob {
  readonly type = "text/plain";
  readonly size = 3;
  get [Symbol.toStringTag](): string {
    return "Blob";
  }
  slice(): OtherBlob {
    return this;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode("abc").buffer;
  }
  stream(): ReadableStream {
    return new Blob(["abc"]).stream();
  }
}

await using app = await serveApp({
  "/size": endpoint({ inputs: [file("content")], outputs: [number("size")], fn: (content: File) => content.size }),
});
await using client = await Client.connect(app.url);
strictEqual(await client.predict("/size", [new OtherBlob()]), 3);
strictEqual(await client.predict("/size", [vm.runInNewContext("new ArrayBuffer(3)")]), 3);
strictEqual(await client.predict("/size", [vm.runInNewContext("new Uint8Array(5)")]), 5);
