import { AuthenticationError, Client, type FileData, InputError } from "#sdk";
import { expect, onTestFinished, test } from "vitest";
import { appUrl, errorOf, killApp, platform } from "./place.ts";

const auth = ["user", "p@ss:wörd"] as const;

/** URL of the app on the site of the page: over plain http a browser sends the cookie of a login to the same site only. */
async function lockedUrl(name = "locked"): Promise<string> {
  const url = await appUrl(name);
  return platform === "browser" ? url.replace("127.0.0.1", location.hostname) : url;
}

async function connect(options: Parameters<typeof Client.connect>[1] = {}): Promise<Client> {
  const client = await Client.connect(await lockedUrl(), options);
  onTestFinished(() => client.close());
  return client;
}

/** Text of a download on either platform. */
async function textOf(got: unknown): Promise<string> {
  if (got instanceof Blob) return await got.text();
  const { readFile, rm } = await import("node:fs/promises");
  const text = await readFile(got as string, "utf8");
  await rm(got as string);
  return text;
}

test.each([{ auth }, { auth: { username: auth[0], password: auth[1] } }])(
  "an app with a login opens with user and password, whatever characters they hold",
  async (options) => {
    const client = await connect(options);
    expect(await client.predict("/echo", ["in"])).toBe("in");
    expect(await client.submit("/generate", ["ab", 0.01]).result()).toBe("ab");
    const seen = await client.predict<{ username: string }>("/headers", ["none"]);
    expect(seen.username).toBe("user");
    expect(await client.predict("/file_info", [new Blob(["abc"])])).toMatchObject({ size: 3 });
  },
);

test("a wrong or missing password is an AuthenticationError after one request", async () => {
  const seen: string[] = [];
  const counted = (request: Request) => {
    seen.push(new URL(request.url).pathname);
    return fetch(request, { credentials: "omit" });
  };
  expect(await errorOf(connect({ auth: ["user", "wrong"], fetch: counted }))).toBeInstanceOf(AuthenticationError);
  expect(seen).toEqual(["/login"]);
  seen.length = 0;
  expect(await errorOf(connect({ fetch: counted }))).toBeInstanceOf(AuthenticationError);
  // Configuration and description are requested together, once each.
  expect(seen.toSorted()).toEqual(["/config", "/gradio_api/info"]);
  const words = JSON.stringify(await errorOf(connect({ auth: ["user", "wrong-secret"] })));
  expect(words).not.toContain("wrong-secret");
});

test("an expired login is an AuthenticationError; connecting again logs in again", async () => {
  const url = await lockedUrl("locked again");
  const client = await Client.connect(url, { auth });
  onTestFinished(() => client.close());
  expect(await client.predict("/echo", ["in"])).toBe("in");
  await killApp("locked again");
  expect(await lockedUrl("locked again")).toBe(url);
  expect(await errorOf(client.predict("/echo", ["again"]))).toBeInstanceOf(AuthenticationError);
  expect(await errorOf(client.upload([new Blob(["x"])]))).toBeInstanceOf(AuthenticationError);
  const next = await Client.connect(url, { auth });
  onTestFinished(() => next.close());
  expect(await next.predict("/echo", ["again"])).toBe("again");
});

test("files behind a login are fetched with the login; without it they are an AuthenticationError", async () => {
  const client = await connect({ auth });
  const file = await client.predict<FileData>("/file_make", ["locked.txt", 5]);
  const loggedOut = await Client.connect(await appUrl(), {
    fetch: (request) => fetch(request, { credentials: "omit" }),
  });
  onTestFinished(() => loggedOut.close());
  const refused = (loggedOut as unknown as { download(file: string): Promise<unknown> }).download(file.url);
  expect(await errorOf(refused)).toBeInstanceOf(AuthenticationError);
  const got: unknown = await (client as unknown as { download(file: FileData): Promise<unknown> }).download(file);
  expect(await textOf(got)).toBe("xxxxx");
});

test("a page of another origin that omits cookies is not logged in; Node sends cookies in any case", async () => {
  const error = await errorOf(connect({ auth, credentials: "same-origin" } as object));
  expect(error).toBeInstanceOf(platform === "browser" ? AuthenticationError : InputError);
});

test("an app without a login can be connected to with credentials, too", async () => {
  const client = await Client.connect(await appUrl(), { auth });
  onTestFinished(() => client.close());
  expect(await client.predict("/echo", ["open"])).toBe("open");
});

test.each([{ auth: "user:password" }, { auth: ["user"] }, { auth: { user: "x", pass: "y" } }])(
  "invalid credentials are rejected: %j",
  async (options) => {
    expect(await errorOf(connect(options as object))).toBeInstanceOf(InputError);
  },
);
