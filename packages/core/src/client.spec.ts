import { expect, test } from "vitest";
import { Client } from "./client.ts";
import type { Transport } from "./transport.ts";

const transport: Transport = {
  send: async ({ url }) =>
    url.endsWith("/component_server")
      ? Response.json({ detail: "no access with PLATFORM-SECRET" }, { status: 403 })
      : Response.json(url.endsWith("/config") ? config : {}),
  upload: () => Promise.reject(new Error("These tests upload no files.")),
};

const config = { version: "6.0.0", protocol: "sse_v3", api_prefix: "/gradio_api", components: [], dependencies: [] };

test("the client of core accepts every part of a platform, and hides the platform's secrets", async () => {
  const client = await Client.connect("http://app.test/", {
    transport,
    saveFile: async () => "path",
    outputFileLimits: { maxFiles: 1 },
    secrets: ["PLATFORM-SECRET"],
  });
  const error: unknown = await client.callComponent(1, "read").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "authentication" });
  expect(String(error)).not.toContain("PLATFORM-SECRET");
  expect(String(error)).toContain("no access with …");
  await client.close();
});

test.each(["a<gradio-sep>b", "\ud800", ""])(
  "neither connect nor fork accepts the session id %j",
  async (sessionHash) => {
    await expect(Client.connect("http://app.test/", { transport, sessionHash })).rejects.toMatchObject({
      code: "input",
    });
    const client = await Client.connect("http://app.test/", { transport });
    expect(() => client.fork({ sessionHash })).toThrow(
      expect.objectContaining({ code: "input", parameter: "sessionHash" }),
    );
    await client.close();
  },
);
