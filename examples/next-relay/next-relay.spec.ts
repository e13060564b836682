import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, Request } from "playwright";
import { type FaultProxy, faultProxy } from "@gradio-rx/testing";
import { expect, test, vi } from "vitest";
import { manyWords, patience, useExample } from "../browse.ts";
import { landscape } from "../pictures.ts";
import { build, serve } from "./serve.ts";

const token = "hf_a_token_that_stays_in_the_server";

/** Passes the requests of the server on to the app, and keeps their headers. */
let passed: FaultProxy;

const { open, record } = useExample(
  async (url) => {
    await build({ GRADIO_TOKEN: token });
    passed = await faultProxy(url);
    const page = await serve(passed.url, { token, production: true });
    return { url: page.url, stop: async () => (await page.stop(), await passed.close()) };
  },
  { startTimeout: 300_000 },
);

async function addNote(page: Page, note: string): Promise<void> {
  await page.getByLabel("Note", { exact: true }).fill(note);
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("listitem").filter({ hasText: note }).waitFor();
}

const notes = (page: Page) => page.getByLabel("Your notes").getByRole("listitem").allTextContents();

async function ask(page: Page, message: string): Promise<void> {
  await page.getByLabel("Message").fill(message);
  await page.getByLabel("Message").press("Enter");
  await page.getByText("This is answer").waitFor();
}

test("the server action keeps the notes of each visitor in a session of its own", async () => {
  const [ada, grace] = await Promise.all([open(), open()]);
  await addNote(ada, "Buy tea");
  await addNote(grace, "Buy coffee");
  await addNote(ada, "Boil water");
  expect(await notes(ada)).toEqual(["Buy tea", "Boil water"]);
  expect(await notes(grace)).toEqual(["Buy coffee"]);

  await ada.reload();
  await addNote(ada, "Find a cup");
  expect(await notes(ada)).toEqual(["Buy tea", "Boil water", "Find a cup"]);
  const [cookie] = await ada.context().cookies();
  expect(cookie).toMatchObject({ name: "visitor", httpOnly: true, sameSite: "Lax" });
});

test("the relayed answer grows to its end, and an error of the app reaches the page", async () => {
  const page = await open();
  await ask(page, "Hello");
  await page.getByText("Writing …").waitFor();
  await page.getByText("Done.").waitFor();
  expect(await page.locator(".answer").textContent()).toMatch(/^This is answer 1 .*“Hello”[^]*error\.$/);
  await ask(page, "Please fail");
  await page.getByRole("alert").getByText("The model ran out of memory.").waitFor();
});

test("Stop and a closed tab end the relayed call at the app", async () => {
  const before = await record();
  const cancelled = async () => (await record()).chats.cancelled - before.chats.cancelled;
  const page = await open();
  await ask(page, manyWords.slice(0, 3_900));
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await page.getByText("Stopped.").waitFor();
  await vi.waitFor(async () => expect(await cancelled()).toBe(1), patience);
  await ask(page, manyWords.slice(0, 3_900));
  await page.close();
  await vi.waitFor(async () => expect(await cancelled()).toBe(2), patience);
});

test("the proxy passes a picture on, and refuses other apps", async () => {
  const page = await open();
  await page.getByLabel("Choose a picture").setInputFiles(await landscape("hills.png", 200));
  const picture = page.getByAltText("The picture without its colours");
  await picture.waitFor();
  expect(await picture.evaluate((image: HTMLImageElement) => new URL(image.src).pathname)).toMatch(/^\/api\/gradio\//);
  expect(await picture.evaluate(async (image: HTMLImageElement) => (await image.decode(), image.naturalWidth))).toBe(
    320,
  );
  expect((await page.request.get(new URL("/api/gradio/other/config", page.url()).href)).status()).toBe(403);
});

test("the server sends the token to the app, and no file, request or response of the page contains it", async () => {
  const requests: Request[] = [];
  const page = await open(undefined, (tab) => tab.on("requestfinished", (request) => requests.push(request)));
  await addNote(page, "Buy tea");
  await ask(page, "Hello");
  await page.getByText("Done.").waitFor();
  await page.getByLabel("Choose a picture").setInputFiles(await landscape("hills.png", 200));
  await page.getByAltText("The picture without its colours").waitFor();

  const withToken = passed.requests.filter(({ headers }) => headers["authorization"] === `Bearer ${token}`);
  expect(withToken.length).toBeGreaterThan(3);
  const seen = await Promise.all(requests.map(describe));
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.filter((text) => text.includes(token))).toEqual([]);
  const folder = fileURLToPath(new URL(".next/static", import.meta.url));
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const scripts = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  expect(scripts.length).toBeGreaterThan(3);
  for (const file of scripts) expect(await readFile(file, "latin1")).not.toContain(token);
});

/** Returns all that the page sent and received with a request that has ended: address, headers and bodies. */
async function describe(request: Request): Promise<string> {
  const response = await request.response();
  const headers = await Promise.all([request.allHeaders(), response?.allHeaders()]);
  const bodies = [request.postDataBuffer(), await response?.body().catch(() => undefined)]; // a redirect has no body
  return [request.url(), JSON.stringify(headers), ...bodies.map((body) => body?.toString("latin1"))].join("\n");
}

test("the page fits the width of a phone", async () => {
  const page = await open({ width: 390, height: 700 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
