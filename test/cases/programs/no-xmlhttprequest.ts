// The package for pages uploads files where there is no XMLHttpRequest, as in service workers and edge runtimes.
import { strictEqual } from "node:assert/strict";
import { endpoint, file, number, serveApp } from "@gradio-rx/testing";
import { Client } from "@gradio-rx/web";

await using app = await serveApp({
  "/size": endpoint({ inputs: [file("content")], outputs: [number("size")], fn: (content: File) => content.size }),
});
await using client = await Client.connect(app.url);
let sent = 0;
const options = { onUploadProgress: (progress: { sent: number }) => (sent = progress.sent) };
strictEqual(await client.predict("/size", [new File(["abc"], "a.txt")], options), 3);
strictEqual(sent, 3);
