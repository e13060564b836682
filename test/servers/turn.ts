import { beforeAll, inject } from "vitest";

// Setup file of projects whose files share apps, or a folder: it waits until no other file with the same turn runs.
const { fetch } = globalThis;

beforeAll(async () => {
  const abort = new AbortController();
  const url = `${inject("control")}/turn?${new URLSearchParams({ name: inject("turn") })}`;
  const response = await fetch(url, { signal: abort.signal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let received = "";
  while (!received.includes("go")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server of the tests closed the connection before the turn of this file.");
    received += value;
  }
  // The turn ends with the connection.
  return () => abort.abort();
}, 3_600_000);
