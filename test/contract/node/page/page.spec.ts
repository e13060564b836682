import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Locator, Page } from "playwright";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { launch } from "../../../../examples/chromium.ts";
import { appUrl, killApp } from "../../place.ts";
import { bundle, type Counts, exchange } from "./page.ts";

/** Maximum wait for what the page shows later. */
const patience = { timeout: 20_000 };
const pictures = fileURLToPath(new URL("../../../../.cache/gradio-page/", import.meta.url));

let browser: Browser;
let code: string;
let page: Page;
/** Names that were exchanged in the page. */
let exchanged: Set<string>;
/** Errors of the pages. */
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  [browser, code] = await Promise.all([launch(), bundle(), appUrl("page")]);
  ({ page, exchanged } = await open());
}, 120_000);

afterAll(async () => await browser.close());

/** Opens Gradio's page of the app, with this package in the place of its client. */
async function open(): Promise<{ page: Page; exchanged: Set<string> }> {
  const opened = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  opened.setDefaultTimeout(patience.timeout);
  opened.on("pageerror", (error) => complaints.push(error.message));
  const names = await exchange(opened, code);
  await opened.goto(await appUrl("page"));
  await opened.getByRole("button", { name: "Say" }).waitFor();
  return { page: opened, exchanged: names };
}

const counts = (): Promise<Counts> => page.evaluate<Counts>("globalThis.gradioRx");
const press = (name: string, at = page): Promise<void> => at.getByRole("button", { name, exact: true }).click();
const field = (label: string, at = page): Locator => at.getByLabel(label, { exact: true });
const shows = (label: string, text: string | RegExp, at = page): Promise<void> =>
  vi.waitFor(async () => expect(await field(label, at).inputValue()).toMatch(text), patience);
const picture = async (name: string, at = page): Promise<void> =>
  void (await at.screenshot({ path: `${pictures}${name}.png` }));

test("the page calls with this client, and shows outputs, validations, warnings and errors", async () => {
  expect([...exchanged]).toEqual(expect.arrayContaining(["Client", "read_run_history", "list_user_buckets"]));
  const joins: string[] = [];
  page.on("request", (request) => request.url().includes("/queue/join") && joins.push(request.url()));
  const before = (await counts()).submitted.length;
  await field("text").fill("hello");
  await press("Say");
  await shows("said", "You said hello");
  const { clients, submitted } = await counts();
  expect([clients, submitted.length - before, joins.length]).toEqual([1, 1, 1]);
  const stored = await page.evaluate<string[]>(
    "Object.entries(localStorage).flatMap(([key, text]) => (key.startsWith('gradio:run-history:v2:') ? [text] : []))",
  );
  // Calls that the page makes by itself, such as those for rendering, are not stored.
  expect(stored.flatMap((text) => JSON.parse(text) as unknown[])).toEqual([
    expect.objectContaining({
      api_name: "/say",
      status: "completed",
      inputs: ["hello"],
      outputs: ["You said hello"],
      input_components: [expect.objectContaining({ type: "textbox" })],
    }),
  ]);
  await field("text").fill("a");
  await press("Check");
  await page.getByText("Too short").waitFor();
  await press("Warn");
  await page.getByText("Mind the gap.").waitFor();
  await shows("said", "warned");
  await press("Fail");
  await page.getByText("There is no such topic.").waitFor();
  await picture("errors");
});

test("the page streams the outputs of a generator, and stops one", async () => {
  await press("Count");
  await shows("written", "1 2 3 4 5");
  await press("Run on");
  await shows("steps", /step [3-9]/);
  await picture("running");
  await press("Halt");
  await vi.waitFor(async () => {
    const last = await field("steps").inputValue();
    await page.waitForTimeout(500);
    expect(await field("steps").inputValue()).toBe(last);
  }, patience);
});

test("the page keeps state, renders components, and calls their functions", async () => {
  for (const total of [1, 2, 3]) {
    await press("Add");
    await shows("summed", `total ${total}`);
  }
  for (const amount of [3, 2]) {
    await field("amount").fill(String(amount));
    await vi.waitFor(
      async () => expect(await page.getByRole("button", { name: "Rendered" }).count()).toBe(amount),
      patience,
    );
    await press(`Rendered ${amount}`);
    await shows("rendered", `pressed ${amount}`);
  }
  await picture("rendered");
});

test("the page uploads a file and shows the progress, and reads the server functions of components", async () => {
  await page.getByText("README.md").waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const limits = { offline: false, uploadThroughput: 1_000_000, downloadThroughput: -1, latency: 0 };
  await session.send("Network.emulateNetworkConditions", limits);
  const file = { name: "a.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(3_000_000) };
  // Shares of the file that the page has shown, in percent.
  await page.evaluate(`
    globalThis.shares = [];
    const { style } = document.documentElement;
    new MutationObserver(() => shares.push(Number.parseFloat(style.getPropertyValue("--upload-progress-width"))))
      .observe(document.documentElement, { attributes: true });
  `);
  await page.locator("input[type=file]").first().setInputFiles(file);
  await page.locator(".uploading").waitFor();
  await picture("upload");
  await shows("size", "3000000 bytes");
  const shares = await page.evaluate<number[]>("shares");
  expect(shares.filter((share) => share > 0 && share < 100).length).toBeGreaterThan(0);
  await session.detach();
  await picture("uploaded");
});

test("two pages wait in one queue, and the second shows its position", async () => {
  expect.hasAssertions();
  const second = (await open()).page;
  await press("Wait");
  await page.getByText("processing").first().waitFor();
  await press("Wait", second);
  await second.getByText("queue: 1/1").first().waitFor();
  await picture("queue", second);
  await press("Release");
  await shows("waited", "released");
  await shows("waited", "released", second);
  await second.close();
});

test("the second page of the app has its own components", async () => {
  await page.getByText("Second").click();
  await field("asked").fill("it");
  await press("Ask");
  await shows("answered", "Answer to it");
  expect(await page.getByRole("button", { name: "Say" }).count()).toBe(0);
  await page.getByText("Home").click();
  await page.getByRole("button", { name: "Say" }).waitFor();
  expect(complaints).toEqual([]);
});

test("the page reconnects after its app was restarted", async () => {
  await press("Run on");
  await shows("steps", /step/);
  await killApp("page");
  await page
    .getByText(/connection/i)
    .first()
    .waitFor();
  await picture("lost");
  await appUrl("page");
  await shows("steps", /^$/);
  await picture("restarted");
  await field("text").fill("again");
  await press("Say");
  await shows("said", "You said again");
  expect((await counts()).clients).toBe(1);
});
