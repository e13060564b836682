import { AuthenticationError, Client, ProtocolError } from "#sdk";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { appUrl, errorOf } from "../place.ts";

/** A Hub on loopback that knows some Spaces; a private one wants the token. */
async function hub(spaces: Record<string, unknown>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const token = request.headers.authorization ?? "-";
    seen.push(`${request.url} ${token} ${String(request.headers["x-key"] ?? "-")}`);
    const id = /^\/api\/spaces\/(.+)\/host$/.exec(request.url ?? "")?.[1] ?? "";
    const known = Object.hasOwn(spaces, id) && (id !== "me/private" || token === "Bearer hf_mine");
    response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(known ? spaces[id] : { error: "Repository not found" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { hubUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function connect(app: string, options: Parameters<typeof Client.connect>[1]): Promise<Client> {
  const client = await Client.connect(app, options);
  onTestFinished(() => client.close());
  return client;
}

test("a Space is found by its name, and by its page on the Hub, where the Hub says that it is", async () => {
  const { hubUrl, seen } = await hub({ "owner/na.me": { host: await appUrl() } });
  for (const name of ["owner/na.me", `${hubUrl}/spaces/owner/na.me`, `${hubUrl}/spaces/owner/na.me/?x=1`]) {
    const client = await connect(name, { hubUrl, headers: { "x-key": "mine" } });
    expect(await client.predict("/echo", ["there"])).toBe("there");
  }
  // The caller's headers are for the app.
  expect(seen).toEqual(Array.from({ length: 3 }, () => "/api/spaces/owner/na.me/host - -"));
});

test("a private Space opens with a token, which goes to the Hub and to the Space", async () => {
  const { hubUrl, seen } = await hub({ "me/private": { host: await appUrl() } });
  const client = await connect("me/private", { hubUrl, token: "hf_mine" });
  expect(seen).toEqual(["/api/spaces/me/private/host Bearer hf_mine -"]);
  const { headers } = await client.predict<{ headers: object }>("/headers", ["authorization"]);
  expect(headers).toEqual({ authorization: "Bearer hf_mine" });
});

test("a Space that the Hub does not show, and a Hub that makes no sense, are typed errors", async () => {
  const { hubUrl } = await hub({ "me/private": {}, "odd/one": { host: "javascript:alert(1)" }, "odd/two": null });
  expect(await errorOf(connect("me/private", { hubUrl }))).toBeInstanceOf(AuthenticationError);
  const error = await errorOf(connect("no/body", { hubUrl }));
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error.message).toContain("no/body");
  for (const name of ["odd/one", "odd/two"])
    expect(await errorOf(connect(name, { hubUrl }))).toBeInstanceOf(ProtocolError);
  expect(await errorOf(connect("a/b", { hubUrl: "not a url" }))).toMatchObject({ code: "input" });
});

test("Node takes the Hub's address from HF_ENDPOINT where none is given", async () => {
  const { hubUrl } = await hub({ "owner/name": { host: await appUrl() } });
  const before = process.env["HF_ENDPOINT"];
  process.env["HF_ENDPOINT"] = hubUrl;
  onTestFinished(() => {
    if (before === undefined) delete process.env["HF_ENDPOINT"];
    else process.env["HF_ENDPOINT"] = before;
  });
  const client = await connect("owner/name", {});
  expect(client.app.url).toBe(`${await appUrl()}/`);
});
