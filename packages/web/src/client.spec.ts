import { ConnectionError, ProtocolError } from "@gradio-rx/core";
import { expect, test } from "vitest";
import { Client } from "./client.ts";

test("a relative address is resolved against the page", async () => {
  const requested: string[] = [];
  const fetch = async ({ url }: Request): Promise<Response> => {
    requested.push(url);
    return new Response("nothing here", { status: 404 });
  };
  const error = await Client.connect("/gradio//", { fetch, retry: { limit: 0 } }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProtocolError);
  expect(error).not.toBeInstanceOf(ConnectionError);
  expect(requested).toContain(`${location.origin}/gradio/config`);
});
