// An https address of an app that is served over http is explained by a sentence.
import { match } from "node:assert/strict";
import { Client } from "@gradio-rx/node";
import { serveApp } from "@gradio-rx/testing";

await using app = await serveApp({ "/greet": (name: string) => `Hello ${name}` });
const address = app.url.replace("http:", "https:");
const error = await Client.connect(address, { retry: { limit: 0 } }).catch((thrown: Error) => thrown);
match(
  error instanceof Error ? error.message : "",
  /the server does not answer in TLS\. If the app is served over http, its address begins with http:/,
);
